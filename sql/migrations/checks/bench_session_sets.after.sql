-- The sets of a session, in order.
SELECT e.id, e.set_number, e.reps_completed, e.weight_kg, e.rpe_value
FROM exercise_performances AS p JOIN set_executions AS e ON e.exercise_performance_id = p.id
WHERE p.workout_session_id = %(session)s
ORDER BY p.performance_order, e.set_number
