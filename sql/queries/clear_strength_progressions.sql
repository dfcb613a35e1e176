-- Removes the shard's rows of strength_progressions that are no longer derived.
WITH removed AS (
    DELETE FROM strength_progressions AS t
    USING shard_users AS u
    WHERE t.user_id = u.user_id
      AND NOT EXISTS (SELECT FROM staged_strength_progressions AS s WHERE s.id = t.id)
    RETURNING 1
)
SELECT count(*) AS removed FROM removed
