-- Marks the shard's insights that cite a value which the data no longer give for the same fact and window.
UPDATE user_insights AS i
SET stale = true
FROM shard_users AS u
WHERE i.user_id = u.user_id
  AND i.superseded_at IS NULL
  AND NOT i.stale
  AND EXISTS (
      SELECT FROM insight_data_points AS old
      JOIN insight_data_points AS new
        ON new.user_id = old.user_id AND new.data_type = old.data_type AND new.superseded_at IS NULL
       AND new.entity_id IS NOT DISTINCT FROM old.entity_id AND new.entity IS NOT DISTINCT FROM old.entity
       AND new.window_start = old.window_start AND new.window_end = old.window_end
      WHERE old.user_id = i.user_id AND old.id = ANY (i.supporting_data_ids) AND old.superseded_at IS NOT NULL
  )
