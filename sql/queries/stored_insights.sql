-- The insights of a user that stand.
SELECT id, insight_key, input_hash, prompt_hash, model, generator, stale
FROM user_insights
WHERE user_id = %(user_id)s AND superseded_at IS NULL
