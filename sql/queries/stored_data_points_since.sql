-- The data points of these types that the shard's users have, those of every type of the users in `scope_due`, and whether
-- each is live.
SELECT t.id, t.superseded_at IS NULL AS live
FROM insight_data_points AS t
WHERE t.user_id = ANY (ARRAY(SELECT s.user_id FROM shard_users AS s))
  AND (t.data_type = ANY (string_to_array($1, ',')) OR t.user_id = ANY (ARRAY(SELECT d.user_id FROM scope_due AS d)))
