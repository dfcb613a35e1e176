-- The resolved changes of the shard's users.
SELECT c.user_id, c.at, c.first_day, c.last_day FROM shard_users AS s JOIN engine_changes AS c ON c.user_id = s.user_id
