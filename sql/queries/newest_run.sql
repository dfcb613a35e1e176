-- The newest run of a job over all users or over one, and for how long it has given no sign of life. Dry runs leave
-- nothing to take up.
SELECT r.id, r.as_of, r.status, r.parameters, extract(epoch FROM clock_timestamp() - greatest(
    r.started_at, r.finished_at, (SELECT max(s.finished_at) FROM analytics_shards AS s WHERE s.run_id = r.id)
))::float8 / 3600 AS quiet_h
FROM analytics_runs AS r
WHERE r.job = %(job)s AND r.parameters ->> 'user_id' IS NOT DISTINCT FROM %(user_id)s
  AND r.parameters ->> 'dry_run' = 'false'
ORDER BY r.started_at DESC
LIMIT 1
