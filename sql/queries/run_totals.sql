-- Users and sets that a run has settled well.
SELECT coalesce(sum(users), 0)::bigint AS users, coalesce(sum(sets), 0)::bigint AS sets
FROM analytics_shards WHERE run_id = %(run_id)s AND status = 'done'
