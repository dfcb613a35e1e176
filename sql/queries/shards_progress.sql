-- How much of a run is settled, in users and in planned sets.
SELECT count(*) AS shards, coalesce(sum(users), 0)::bigint AS users, coalesce(sum(planned_sets), 0)::bigint AS sets,
    coalesce(sum(users) FILTER (WHERE status IN ('done', 'dead')), 0)::bigint AS settled_users,
    coalesce(sum(planned_sets) FILTER (WHERE status IN ('done', 'dead')), 0)::bigint AS settled_sets
FROM analytics_shards WHERE run_id = %(run_id)s
