-- The sets of a session, in order.
SELECT s.id, s.set_number, s.reps, s.weight, s.rpe
FROM exercise_sets AS s JOIN workout_exercises AS we ON we.id = s.workout_exercise_id
WHERE s.workout_session_id = %(session)s
ORDER BY we."order", s.set_number
