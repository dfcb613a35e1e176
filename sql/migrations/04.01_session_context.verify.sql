-- Derived times that are not as defined. Sessions of the last two days are the next night's.
SELECT 'session_context is not as derived' AS problem, ws.id::text AS subject
FROM workout_sessions AS ws
JOIN session_context AS c ON c.workout_session_id = ws.id
CROSS JOIN LATERAL session_times(ws) AS t
WHERE (c.time_of_day, c.days_since_last_workout) IS DISTINCT FROM (t.time_of_day, t.days_since_last_workout)
  AND greatest(ws.updated_at, ws.created_at) < now() - interval '2 days';
