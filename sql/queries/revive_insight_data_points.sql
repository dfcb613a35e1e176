-- Brings the superseded data points in `revived_points` back to life: a point is immutable, so the same id says the same.
WITH revived AS (
    UPDATE insight_data_points AS t SET superseded_at = NULL
    FROM revived_points AS r
    WHERE t.id = r.id
    RETURNING 1
)
SELECT count(*) AS revived FROM revived
