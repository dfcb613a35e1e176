-- What is remembered of the shard's users: what surrounded the sessions of each day.
SELECT t.user_id, t.day, t.sleep_hours, t.sleep_quality, t.stress_level, t.energy_level
FROM shard_users AS s
JOIN engine_context_days AS t ON t.user_id = s.user_id
