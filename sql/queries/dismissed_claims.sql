-- What users' dismissed insights were about, since a moment: the lead claim's kind, metric, direction and entity.
SELECT user_id, insight_type, period_start, claims -> 0 -> 'identity' AS identity
FROM user_insights
WHERE user_id = ANY (%(user_ids)s) AND is_dismissed AND coalesce(dismissed_at, created_at) >= %(since)s
  AND jsonb_typeof(claims #> '{0,identity}') = 'array'
