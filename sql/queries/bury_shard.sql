-- Settles a shard that failed, unless another process has settled it meanwhile.
UPDATE analytics_shards SET status = 'dead', error = %(reason)s, finished_at = now()
WHERE run_id = %(run_id)s AND shard = %(shard)s AND status = 'running'
