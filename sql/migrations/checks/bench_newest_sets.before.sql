-- A user's sets of the newest ten sessions.
SELECT s.id, s.reps, s.weight
FROM (
    SELECT id FROM workout_sessions WHERE user_id = %(user)s ORDER BY start_time DESC NULLS LAST LIMIT 10
) AS ws
JOIN exercise_sets AS s ON s.workout_session_id = ws.id
