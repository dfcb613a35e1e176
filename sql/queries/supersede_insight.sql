-- Marks the insight that a newer one replaces. Its read, dismissed and feedback marks stay.
UPDATE user_insights SET superseded_at = now()
WHERE user_id = %(user_id)s AND insight_key = %(insight_key)s AND superseded_at IS NULL AND id <> %(id)s
RETURNING id
