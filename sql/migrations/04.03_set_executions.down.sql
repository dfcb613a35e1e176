-- Drops the set executions. exercise_sets never left.

-- step: table
DROP TABLE set_executions;

-- step: what was kept aside
DELETE FROM migration_quarantine AS q
WHERE q.source_table = 'exercise_sets' AND EXISTS (SELECT FROM exercise_sets AS s WHERE s.id = q.source_id);
