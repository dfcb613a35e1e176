-- Workout exercises that are neither carried over with equal values nor kept aside, and orders that repeat.
SELECT 'workout exercise is not carried over' AS problem, we.id::text AS subject
FROM workout_exercises AS we
LEFT JOIN workout_block_exercises AS be ON be.id = we.id
WHERE (
    be.id IS NULL
    OR (be.exercise_id, be.target_sets, be.target_reps_min, be.target_duration_seconds, be.rest_after_seconds, be.notes)
       IS DISTINCT FROM (we.exercise_id, we.sets, we.reps, we.duration, we.rest_duration, we.notes)
)
AND NOT EXISTS (SELECT FROM migration_quarantine AS q WHERE q.source_table = 'workout_exercises' AND q.source_id = we.id);
