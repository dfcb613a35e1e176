-- The rows that a run has touched, by table and by what was done to them.
SELECT t.key AS name, c.key AS what, sum(c.value::bigint)::bigint AS count
FROM analytics_shards AS s, jsonb_each(s.rows_written) AS t, jsonb_each_text(t.value) AS c
WHERE s.run_id = %(run_id)s AND s.status = 'done'
GROUP BY t.key, c.key
ORDER BY t.key, c.key
