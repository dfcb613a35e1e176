-- Replaces a shard by its two halves, so that what is wrong with one user does not take others along.
WITH whole AS (
    DELETE FROM analytics_shards WHERE run_id = %(run_id)s AND shard = %(shard)s AND status = 'running'
    RETURNING *
),
half AS (
    SELECT w.*, n, CASE n
        WHEN 1 THEN w.user_ids[:cardinality(w.user_ids) / 2] ELSE w.user_ids[cardinality(w.user_ids) / 2 + 1:]
    END AS part
    FROM whole AS w CROSS JOIN generate_series(1, 2) AS n
)
INSERT INTO analytics_shards (run_id, shard, as_of, user_ids, users, planned_sets)
SELECT h.run_id, (SELECT max(shard) FROM analytics_shards WHERE run_id = h.run_id) + h.n, h.as_of, h.part,
    cardinality(h.part), h.planned_sets * cardinality(h.part) / cardinality(h.user_ids)
FROM half AS h
RETURNING shard
