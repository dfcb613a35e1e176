-- The dated body weights of the shard's users. users.weight has no date of its own: it counts from the day the row was last written.
SELECT b.user_id, b.measured_on, b.weight_kg
FROM shard_users AS s
JOIN user_body_weights AS b ON b.user_id = s.user_id
