-- What a user's dismissed insights were about, since a moment: the lead claim's kind, metric, direction and entity.
SELECT insight_type, period_start, claims -> 0 -> 'identity' AS identity
FROM user_insights
WHERE user_id = %(user_id)s AND is_dismissed AND coalesce(dismissed_at, created_at) >= %(since)s
