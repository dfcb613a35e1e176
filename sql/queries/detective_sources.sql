-- The log that each imported set of the shard's users came from.
SELECT i.set_id, i.source
FROM shard_users AS s
JOIN imported_sets AS i ON i.user_id = s.user_id
