-- What users have been told since a moment: of every insight key the first telling, with its lead claim and its words.
SELECT DISTINCT ON (user_id, insight_key)
    user_id, insight_key, insight_type, period_start, jsonb_build_array(claims -> 0) AS claims, description, spans,
    created_at
FROM user_insights
WHERE user_id = ANY (%(user_ids)s) AND created_at >= %(since)s AND insight_key IS NOT NULL
  AND jsonb_typeof(claims #> '{0,identity,4,0}') = 'array'
ORDER BY user_id, insight_key, created_at
