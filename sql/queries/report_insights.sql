-- A user's insights that stand and still hold, newest period and most certain first.
SELECT id, insight_type, insight_category, title, description, confidence_score::float8 AS confidence_score,
       supporting_data_ids, chart_data, recommendations, valid_until, period_start, period_end, generator, model, grade
FROM user_insights
WHERE user_id = %(user_id)s AND superseded_at IS NULL AND NOT stale AND NOT is_dismissed
  AND (%(as_of)s::date IS NULL OR (period_end <= %(as_of)s::date AND (valid_until IS NULL OR valid_until >= %(as_of)s::date)))
ORDER BY period_end DESC, insight_type, insight_key
