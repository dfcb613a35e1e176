-- The finished runs that wrote analytics of all users or of this one, the newest first.
SELECT r.id, r.as_of, r.started_at, coalesce(r.parameters, '{}'::jsonb) AS parameters
FROM analytics_runs AS r
WHERE r.status = 'done'
  AND EXISTS (SELECT FROM analytics_shards AS s WHERE s.run_id = r.id)
  AND (%(user_id)s::uuid IS NULL OR coalesce(r.parameters ->> 'user_id', %(user_id)s::text) = %(user_id)s::text)
ORDER BY r.started_at DESC
