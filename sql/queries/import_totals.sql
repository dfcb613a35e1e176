-- Sums up the performances of the log's sessions from their sets. Work sets are all sets but warm-ups.
--   completed_sets   work sets
--   total_volume_kg  weight x repetitions as typed, of work sets that have both
--   total_reps       repetitions of work sets
--   average_rpe      mean of the RPEs of work sets that have one
-- A sum that its column cannot hold, as a typing error can make it, stays unknown.
WITH summed AS (
    SELECT
        p.id,
        count(s.id)::integer AS completed_sets,
        sum(s.weight_kg * s.reps_completed) AS volume_kg,
        sum(s.reps_completed::bigint) AS reps,
        round(avg(s.rpe_value), 1) AS average_rpe
    FROM exercise_performances AS p
    LEFT JOIN set_executions AS s ON s.exercise_performance_id = p.id AND s.set_type <> 'warmup'
    WHERE p.workout_session_id IN (SELECT session_id FROM import_sessions)
    GROUP BY p.id
), fitting AS (
    SELECT
        id, completed_sets, average_rpe,
        CASE WHEN abs(volume_kg) < 9999999999 THEN round(volume_kg, 2) END AS volume_kg,
        CASE WHEN reps <= 2147483647 THEN reps::integer END AS reps
    FROM summed
)
UPDATE exercise_performances AS p SET
    completed_sets = f.completed_sets, total_volume_kg = f.volume_kg, total_reps = f.reps, average_rpe = f.average_rpe
FROM fitting AS f
WHERE f.id = p.id
  AND (p.completed_sets, p.total_volume_kg, p.total_reps, p.average_rpe)
    IS DISTINCT FROM (f.completed_sets, f.volume_kg, f.reps, f.average_rpe)
