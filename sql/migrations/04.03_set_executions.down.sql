-- Drops the set executions. exercise_sets never left.
-- locks: exercise_sets ACCESS EXCLUSIVE, exercise_performances ACCESS EXCLUSIVE, set_protocols ACCESS EXCLUSIVE

-- step: the trigger makes performances alone again
CREATE OR REPLACE TRIGGER insights_sync AFTER INSERT OR UPDATE ON exercise_sets
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') NOT IN ('reverse', 'new'))
EXECUTE FUNCTION sync_legacy('exercise_sets', 'performance');
DROP TRIGGER insights_sync_truncate ON exercise_sets;

-- step: functions
DROP FUNCTION performance_totals(uuid);
DROP FUNCTION forget_sets();
DROP FUNCTION sync_set(uuid);
DROP FUNCTION legacy_set(exercise_sets);

-- step: table
DROP TABLE set_executions;

-- step: what was kept aside
DELETE FROM migration_quarantine AS q
WHERE q.source_table = 'exercise_sets' AND EXISTS (SELECT FROM exercise_sets AS s WHERE s.id = q.source_id);
