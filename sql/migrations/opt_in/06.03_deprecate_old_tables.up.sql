-- Plan 6.3: the two tables that set_executions and workout_block_exercises have replaced. Never part of `up`: `insights
-- migrate contract` runs it in one transaction, after it has written both tables to Parquet, and nothing leads back. No
-- CASCADE: the triggers and functions that carried rows to and fro are named here, and whatever else depends refuses it.
-- locks: exercise_sets ACCESS EXCLUSIVE, workout_exercises ACCESS EXCLUSIVE, set_executions ACCESS EXCLUSIVE, set_protocols ACCESS EXCLUSIVE, workout_block_exercises ACCESS EXCLUSIVE, workout_sessions ACCESS EXCLUSIVE, workouts ACCESS EXCLUSIVE, exercise_catalog ACCESS EXCLUSIVE
-- squawk-ignore-file ban-drop-table -- this is what it is for

-- The way back.
DROP TRIGGER insights_sync_back ON set_executions;
DROP TRIGGER insights_sync_back ON set_protocols;
DROP TRIGGER insights_sync_back ON workout_block_exercises;
DROP FUNCTION sync_back_exercise_set(uuid);
DROP FUNCTION sync_back_rep_scheme(uuid);
DROP FUNCTION sync_back_workout_exercise(uuid);

-- The way forward; a new workout still gets its block, and a new session its performances.
CREATE OR REPLACE FUNCTION sync_row(kind text, key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    CASE kind
        WHEN 'preferences' THEN PERFORM sync_preferences(key);
        WHEN 'block' THEN PERFORM sync_block(key);
        WHEN 'performances' THEN PERFORM sync_performances(key);
        WHEN 'units' THEN PERFORM sync_back_units(key);
    END CASE;
END
$$;
DROP TRIGGER insights_sync ON exercise_sets;
DROP TRIGGER insights_sync ON workout_exercises;
DROP TRIGGER insights_sync_protocols ON workout_exercises;
DROP TRIGGER insights_sync_truncate ON exercise_sets;
DROP TRIGGER insights_sync_truncate ON workout_exercises;
DROP TRIGGER insights_sync_truncated ON workout_exercises;
DROP FUNCTION sync_truncate();
DROP FUNCTION forget_sets();
DROP FUNCTION forget_block_exercises(boolean);
DROP FUNCTION sync_set(uuid);
DROP FUNCTION sync_performance_of_set(uuid);
DROP FUNCTION sync_set_protocols(uuid);
DROP FUNCTION sync_block_exercise(uuid);
DROP FUNCTION order_block(uuid, uuid);
DROP FUNCTION block_orders(uuid);
DROP FUNCTION legacy_set(exercise_sets);
DROP FUNCTION legacy_set_protocols(workout_exercises);
DROP FUNCTION legacy_block_exercise(workout_exercises);

DROP TABLE exercise_sets;
DROP TABLE workout_exercises;
