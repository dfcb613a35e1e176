-- A workout with its exercises, in order.
SELECT w.name, we.exercise_id, we."order", we.sets, we.reps, we.rep_scheme
FROM workouts AS w JOIN workout_exercises AS we ON we.workout_id = w.id
WHERE w.id = %(workout)s
ORDER BY we."order"
