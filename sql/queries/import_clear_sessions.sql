-- Staged sessions that have lost their last exercise, with their workouts.
WITH gone AS (
    DELETE FROM workout_sessions AS w
    WHERE w.id IN (SELECT session_id FROM import_sessions)
      AND NOT EXISTS (SELECT FROM exercise_performances AS p WHERE p.workout_session_id = w.id)
    RETURNING workout_id
)
DELETE FROM workouts WHERE id IN (SELECT workout_id FROM gone)
