-- Removes the shard's rows of volume_analytics that are no longer derived, of the period types in $1 (a,b,c).
WITH removed AS (
    DELETE FROM volume_analytics AS t
    USING shard_users AS u
    WHERE t.user_id = u.user_id
      AND t.period_type = ANY (string_to_array($1, ','))
      AND NOT EXISTS (SELECT FROM staged_volume_analytics AS s WHERE s.id = t.id)
    RETURNING 1
)
SELECT count(*) AS removed FROM removed
