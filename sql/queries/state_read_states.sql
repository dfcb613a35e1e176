-- What is remembered of the shard's users: the method by which each was found, the horizon, and what has its points.
SELECT t.user_id, t.method, t.horizon, t.closed_through, t.first_day
FROM shard_users AS s
JOIN engine_states AS t ON t.user_id = s.user_id
