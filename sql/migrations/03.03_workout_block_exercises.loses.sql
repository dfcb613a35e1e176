-- Block exercises that are more than what workout_exercises holds.
SELECT 'workout_block_exercises' AS what, count(*) AS n
FROM workout_block_exercises AS be
LEFT JOIN workout_exercises AS we ON we.id = be.id
WHERE we.id IS NULL
   OR be.target_weight_kg IS NOT NULL OR be.target_rpe IS NOT NULL OR be.tempo_prescription IS NOT NULL
   OR be.equipment_variant IS NOT NULL
   OR (be.exercise_id, be.target_sets, be.target_reps_min, be.target_reps_max, be.target_duration_seconds,
       be.rest_after_seconds, be.notes)
      IS DISTINCT FROM (we.exercise_id, we.sets, we.reps, we.reps, we.duration, we.rest_duration, we.notes);
