-- The next shard of a run by number, with its users.
SELECT shard, as_of, user_ids FROM analytics_shards
WHERE run_id = %(run_id)s AND shard > %(after)s AND user_ids IS NOT NULL
ORDER BY shard
LIMIT 1
