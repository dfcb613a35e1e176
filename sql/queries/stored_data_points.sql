-- The data points that the shard's users have, and whether each is live.
SELECT t.id, t.superseded_at IS NULL AS live
FROM insight_data_points AS t
WHERE t.user_id = ANY (ARRAY(SELECT s.user_id FROM shard_users AS s))
