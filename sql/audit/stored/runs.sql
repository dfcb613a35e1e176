-- The finished runs that wrote analytics of all users or of this one, the newest first. A run over some users only has kept
-- who they are; null: it was over all.
SELECT r.id, r.as_of, r.started_at, coalesce(r.parameters, '{}'::jsonb) AS parameters, (
    SELECT array_agg(u.id) FROM analytics_shards AS s, unnest(s.user_ids) AS u (id)
    WHERE s.run_id = r.id AND s.status = 'done'
) AS covered
FROM analytics_runs AS r
WHERE r.status = 'done'
  AND EXISTS (SELECT FROM analytics_shards AS s WHERE s.run_id = r.id AND s.status = 'done')
  AND (%(user_id)s::uuid IS NULL OR coalesce(r.parameters ->> 'user_id', %(user_id)s::text) = %(user_id)s::text)
ORDER BY r.started_at DESC
