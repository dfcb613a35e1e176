-- Drops the block exercises. The workout_exercises never left.
-- locks: workout_exercises ACCESS EXCLUSIVE, exercise_catalog ACCESS EXCLUSIVE, workout_blocks ACCESS EXCLUSIVE

-- step: triggers
DROP TRIGGER insights_sync_truncated ON workout_exercises;
DROP TRIGGER insights_sync_truncate ON workout_exercises;
DROP TRIGGER insights_sync ON workout_exercises;

-- step: functions
DROP FUNCTION forget_block_exercises(boolean);
DROP FUNCTION sync_block_exercise(uuid);
DROP FUNCTION order_block(uuid, uuid);
DROP FUNCTION block_orders(uuid);
DROP FUNCTION remove_block_exercise(uuid);
DROP FUNCTION legacy_block_exercise(workout_exercises);

-- step: index (no transaction)
DROP INDEX CONCURRENTLY IF EXISTS idx_workout_exercises_workout;

-- step: table
DROP TABLE workout_block_exercises;

-- step: what was kept aside
DELETE FROM migration_quarantine AS q
WHERE q.source_table = 'workout_exercises' AND EXISTS (SELECT FROM workout_exercises AS w WHERE w.id = q.source_id);
