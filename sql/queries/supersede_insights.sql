-- Marks the insights that newer ones replace, and tells which is replaced by which. Their read, dismissed and feedback
-- marks stay.
UPDATE user_insights AS i SET superseded_at = now()
FROM unnest(%(ids)s::uuid[], %(user_ids)s::uuid[], %(insight_keys)s::text[]) AS n (id, user_id, insight_key)
WHERE i.user_id = n.user_id AND i.insight_key = n.insight_key AND i.superseded_at IS NULL AND i.id <> n.id
RETURNING n.id AS id, i.id AS replaced
