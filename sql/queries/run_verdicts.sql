-- The sets that a run has judged, by use and verdict.
SELECT u.key AS name, v.key AS what, sum(v.value::bigint)::bigint AS count
FROM analytics_shards AS s, jsonb_each(s.verdicts) AS u, jsonb_each_text(u.value) AS v
WHERE s.run_id = %(run_id)s AND s.status = 'done'
GROUP BY u.key, v.key
ORDER BY u.key, v.key
