-- A trigger that is missing or disabled: its changes would not reach the analytics until the next backfill.
SELECT 'changes are not logged: triggers are missing or disabled' AS problem,
       format('%s (%s of %s)', f.name, count(t.oid), f.triggers) AS subject
FROM (VALUES
    ('log_changed_sets', 3),
    ('log_moved_set', 1),
    ('log_deleted_performances', 1),
    ('log_moved_performance', 2),
    ('log_changed_context', 4),
    ('log_changed_sessions', 3),
    ('log_moved_session', 1),
    ('log_changed_block_exercises', 1),
    ('log_changed_catalog', 1),
    ('log_changed_names', 2),
    ('log_changed_exercises', 9),
    ('log_changed_user', 1),
    ('log_changed_preferences', 3),
    ('log_changed_body_weights', 3),
    ('log_truncation', 7)
) AS f (name, triggers)
LEFT JOIN pg_trigger AS t ON t.tgfoid = to_regproc('public.' || f.name) AND t.tgenabled IN ('O', 'A')
GROUP BY f.name, f.triggers
HAVING count(t.oid) < f.triggers
ORDER BY f.name;
