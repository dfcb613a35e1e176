-- Removes the resolved changes of the shard's users: under the transaction's snapshot those that it has read, no others.
DELETE FROM engine_changes AS c USING shard_users AS s WHERE c.user_id = s.user_id
