-- Removes the data points in `gone_points` that no insight cites.
WITH removed AS (
    DELETE FROM insight_data_points AS t
    USING gone_points AS g
    WHERE t.id = g.id
      AND NOT EXISTS (SELECT FROM user_insights AS i WHERE i.supporting_data_ids @> ARRAY[t.id])
    RETURNING 1
)
SELECT count(*) AS removed FROM removed
