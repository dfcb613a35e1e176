-- Rows that the engine can read only with a guess, or that were set aside.
SELECT (SELECT count(*) FROM users AS u
        WHERE u.tz IS NOT NULL AND NOT EXISTS (SELECT FROM pg_timezone_names AS z WHERE z.name = u.tz)
       ) AS users_with_an_unknown_time_zone,
       (SELECT count(*) FROM import_quarantine) AS imported_rows_in_quarantine,
       (SELECT count(*) FROM migration_quarantine) AS migrated_rows_in_quarantine,
       (SELECT coalesce(r.failed_users, 0)
        FROM analytics_runs AS r WHERE r.finished_at IS NOT NULL
        ORDER BY r.started_at DESC LIMIT 1) AS failed_users_in_the_last_run
