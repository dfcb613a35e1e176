-- Drops the protocols. rep_scheme never left.

-- step: table
DROP TABLE set_protocols;

-- step: what was kept aside
DELETE FROM migration_quarantine AS q
WHERE q.source_table = 'workout_exercises' AND EXISTS (SELECT FROM workout_exercises AS w WHERE w.id = q.source_id);
