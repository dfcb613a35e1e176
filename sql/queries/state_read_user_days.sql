-- What is remembered of the shard's users: the facts of days.
SELECT t.user_id, t.day, t.timed_us, t.timed_volume_ug, t.timed_hard_sets
FROM shard_users AS s
JOIN engine_user_days AS t ON t.user_id = s.user_id
