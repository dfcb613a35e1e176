-- Marks the data points in `gone_points` that are still there, because an insight cites them.
UPDATE insight_data_points AS t
SET superseded_at = now()
FROM gone_points AS g
WHERE t.id = g.id AND t.superseded_at IS NULL
