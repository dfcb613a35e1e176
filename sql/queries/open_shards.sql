-- The shards of a run that are still to be done.
SELECT shard FROM analytics_shards WHERE run_id = %(run_id)s AND status IN ('pending', 'running') ORDER BY shard
