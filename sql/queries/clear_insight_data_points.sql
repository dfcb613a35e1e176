-- Removes the shard's data points that are no longer derived and that no insight cites.
WITH removed AS (
    DELETE FROM insight_data_points AS t
    USING shard_users AS u
    WHERE t.user_id = u.user_id
      AND NOT EXISTS (SELECT FROM staged_insight_data_points AS s WHERE s.id = t.id)
      AND NOT EXISTS (SELECT FROM user_insights AS i WHERE i.supporting_data_ids @> ARRAY[t.id])
    RETURNING 1
)
SELECT count(*) AS removed FROM removed
