-- Drops the way back and the flags.
-- locks: user_preferences ACCESS EXCLUSIVE, workout_block_exercises ACCESS EXCLUSIVE, set_protocols ACCESS EXCLUSIVE, set_executions ACCESS EXCLUSIVE

-- step: sets
DROP TRIGGER insights_sync_back ON set_executions;

-- step: protocols
DROP TRIGGER insights_sync_back ON set_protocols;

-- step: exercises
DROP TRIGGER insights_sync_back ON workout_block_exercises;

-- step: preferences
DROP TRIGGER insights_sync_back ON user_preferences;

-- step: functions
DROP FUNCTION sync_new();
DROP FUNCTION sync_back_exercise_set(uuid);
DROP FUNCTION sync_back_rep_scheme(uuid);
DROP FUNCTION sync_back_workout_exercise(uuid);
DROP FUNCTION sync_back_units(uuid);

-- step: what could not be carried back
-- The new rows themselves stand or are archived.
DELETE FROM migration_quarantine
WHERE source_table IN ('user_preferences', 'workout_block_exercises', 'set_protocols', 'set_executions');

-- step: flags
DROP FUNCTION rollout_enabled(text, uuid);
DROP TABLE rollout_flags;
