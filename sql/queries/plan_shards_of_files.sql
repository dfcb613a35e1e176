-- Cuts the active users whose sets are in files, and the numbers of those sets, into shards as plan_shards does.
WITH weighed AS (
    SELECT u.id, d.day AS as_of, f.sets,
        greatest(coalesce(%(shard_sets)s::bigint, 1), f.sets * %(shard_users)s::bigint) AS weight
    FROM unnest(%(file_users)s::uuid[], %(file_sets)s::bigint[]) AS f (user_id, sets)
    JOIN users AS u ON u.id = f.user_id
    JOIN unnest(%(zones)s::text[], %(days)s::date[]) AS d (zone, day) ON d.zone = coalesce(u.tz, 'UTC')
    WHERE u.is_active AND (%(user_id)s::uuid IS NULL OR u.id = %(user_id)s::uuid)
),
cut AS (
    SELECT x.id, x.as_of, x.sets, floor(
        (sum(x.weight) OVER (PARTITION BY x.as_of ORDER BY x.id) - x.weight)
        / (%(shard_users)s::bigint * coalesce(%(shard_sets)s::bigint, 1))
    ) AS part
    FROM weighed AS x
)
INSERT INTO analytics_shards (run_id, shard, as_of, user_ids, users, planned_sets)
SELECT %(run_id)s, row_number() OVER (ORDER BY c.as_of, c.part), c.as_of,
    array_agg(c.id ORDER BY c.id), count(*), sum(c.sets)
FROM cut AS c
GROUP BY c.as_of, c.part
