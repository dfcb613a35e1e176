-- A workout with its exercises, in order.
SELECT w.name, be.exercise_id, be.exercise_order, be.target_sets, be.target_reps_min, p.protocol_data
FROM workouts AS w
JOIN workout_blocks AS b ON b.workout_id = w.id
JOIN workout_block_exercises AS be ON be.workout_block_id = b.id
LEFT JOIN set_protocols AS p ON p.workout_block_exercise_id = be.id
WHERE w.id = %(workout)s
ORDER BY b.block_order, be.exercise_order, p.set_order
