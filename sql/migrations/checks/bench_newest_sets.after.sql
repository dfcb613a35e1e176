-- A user's sets of the newest ten sessions.
SELECT e.id, e.reps_completed, e.weight_kg
FROM (
    SELECT id FROM workout_sessions WHERE user_id = %(user)s ORDER BY start_time DESC NULLS LAST LIMIT 10
) AS ws
JOIN exercise_performances AS p ON p.workout_session_id = ws.id
JOIN set_executions AS e ON e.exercise_performance_id = p.id
