-- The last days of a run's shards.
SELECT DISTINCT as_of FROM analytics_shards WHERE run_id = %(run_id)s ORDER BY as_of
