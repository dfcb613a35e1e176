-- Clients of this database, one row an application and role: connections, the oldest open transaction, the last
-- statements (as far as this role may read them).
SELECT coalesce(nullif(application_name, ''), '(unnamed)') AS application, usename::text AS role,
    count(*)::int AS connections,
    coalesce(extract(epoch FROM max(now() - xact_start)), 0)::float8 AS oldest_transaction_s,
    string_agg(DISTINCT query, E'\n') AS queries
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
GROUP BY 1, 2
ORDER BY 1, 2
