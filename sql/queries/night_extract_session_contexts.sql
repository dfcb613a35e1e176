-- What was logged of the sleep, stress and energy that some sessions began with, one row a session.
SELECT ws.user_id, ws.id AS session_id, c.sleep_hours, c.sleep_quality, c.stress_level, c.energy_level
FROM shard_sessions AS s
JOIN workout_sessions AS ws ON ws.id = s.session_id
JOIN session_context AS c ON c.workout_session_id = ws.id
WHERE num_nonnulls(c.sleep_hours, c.sleep_quality, c.stress_level, c.energy_level) > 0
