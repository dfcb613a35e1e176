-- Cuts the users in `chosen_users` into shards, in the order of their ids: so many that neither their number nor that of
-- their sets passes a limit by more than one user, and as even as whole users allow: workers end together. Users of one
-- shard share their last day.
-- A user weighs 1 / shard_users or its share of shard_sets, whichever is more; both in whole numbers.
WITH weighed AS (
    SELECT c.*, greatest(coalesce(%(shard_sets)s::bigint, 1), c.sets * %(shard_users)s::bigint) AS weight
    FROM chosen_users AS c
),
counted AS (
    SELECT x.as_of, sum(x.weight) AS weight,
        ceil(sum(x.weight) / (%(shard_users)s::bigint * coalesce(%(shard_sets)s::bigint, 1))) AS parts
    FROM weighed AS x
    GROUP BY x.as_of
),
cut AS (
    SELECT x.id, x.as_of, x.sets, floor(
        (sum(x.weight) OVER (PARTITION BY x.as_of ORDER BY x.id) - x.weight) * c.parts / c.weight
    ) AS part
    FROM weighed AS x JOIN counted AS c USING (as_of)
)
INSERT INTO analytics_shards (run_id, shard, as_of, user_ids, users, planned_sets)
SELECT %(run_id)s, row_number() OVER (ORDER BY c.as_of, c.part), c.as_of,
    array_agg(c.id ORDER BY c.id), count(*), sum(c.sets)
FROM cut AS c
GROUP BY c.as_of, c.part
