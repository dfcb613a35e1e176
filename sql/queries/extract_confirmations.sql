-- The weights that someone has confirmed of sets of the shard's users, as they were then.
SELECT c.user_id, c.set_id, c.weight_kg::float8 AS weight_kg
FROM shard_users AS s
JOIN set_confirmations AS c ON c.user_id = s.user_id
