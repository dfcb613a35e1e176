-- Marks the shard's data points that are no longer derived but that an insight still cites.
UPDATE insight_data_points AS t
SET superseded_at = now()
FROM shard_users AS u
WHERE t.user_id = u.user_id
  AND t.superseded_at IS NULL
  AND NOT EXISTS (SELECT FROM staged_insight_data_points AS s WHERE s.id = t.id)
