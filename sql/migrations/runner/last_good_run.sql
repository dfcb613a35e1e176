-- The newest analytics run that ended well, and when the newest migration was applied.
SELECT r.id::text AS run, r.job, r.finished_at, r.users, r.failed_users,
    (SELECT max(applied_at) FROM insights_migrations) AS migrated_at
FROM analytics_runs AS r
WHERE r.status = 'done'
ORDER BY r.finished_at DESC
LIMIT 1
