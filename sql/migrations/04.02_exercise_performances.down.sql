-- Drops the performances. Sessions and sets never left.
-- locks: exercise_sets ACCESS EXCLUSIVE, workout_sessions ACCESS EXCLUSIVE, workout_block_exercises ACCESS EXCLUSIVE

-- step: trigger of sets
DROP TRIGGER insights_sync ON exercise_sets;

-- step: trigger of sessions
DROP TRIGGER insights_sync ON workout_sessions;

-- step: functions
DROP FUNCTION remove_empty_performances(uuid);
DROP FUNCTION sync_performance_of_set(uuid);
DROP FUNCTION sync_performances(uuid);
DROP FUNCTION legacy_performance(uuid, uuid);

-- step: table
DROP TABLE exercise_performances;

-- step: what was kept aside
DELETE FROM migration_quarantine AS q
WHERE (q.source_table = 'workout_sessions' AND EXISTS (SELECT FROM workout_sessions AS w WHERE w.id = q.source_id))
   OR (q.source_table = 'exercise_sets' AND EXISTS (SELECT FROM exercise_sets AS s WHERE s.id = q.source_id));
