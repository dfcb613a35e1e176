-- Performances of the staged sessions that have lost their last set, with their place in the workout.
WITH gone AS (
    DELETE FROM exercise_performances AS p
    WHERE p.workout_session_id IN (SELECT session_id FROM import_sessions)
      AND NOT EXISTS (SELECT FROM set_executions AS s WHERE s.exercise_performance_id = p.id)
    RETURNING workout_block_exercise_id
)
DELETE FROM workout_block_exercises WHERE id IN (SELECT workout_block_exercise_id FROM gone)
