-- What the shard's users logged of the sleep, stress and energy that their sessions began with, one row a session.
SELECT ws.user_id, ws.id AS session_id, c.sleep_hours, c.sleep_quality, c.stress_level, c.energy_level
FROM shard_users AS s
JOIN workout_sessions AS ws ON ws.user_id = s.user_id
JOIN session_context AS c ON c.workout_session_id = ws.id
WHERE num_nonnulls(c.sleep_hours, c.sleep_quality, c.stress_level, c.energy_level) > 0
