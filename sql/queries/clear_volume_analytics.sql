-- Removes the shard's rows of volume_analytics that are no longer derived.
DELETE FROM volume_analytics AS t
USING shard_users AS u
WHERE t.user_id = u.user_id
  AND NOT EXISTS (SELECT FROM staged_volumes AS s WHERE s.id = t.id)
