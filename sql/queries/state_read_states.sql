-- What is remembered of the shard's users: the horizon and the method by which each was found.
SELECT t.user_id, t.method, t.horizon, t.first_day
FROM shard_users AS s
JOIN engine_states AS t ON t.user_id = s.user_id
