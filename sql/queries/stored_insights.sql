-- The insights of users that stand.
SELECT user_id, id, insight_key, input_hash, prompt_hash, model, generator, stale
FROM user_insights
WHERE user_id = ANY (%(user_ids)s) AND superseded_at IS NULL AND insight_key IS NOT NULL
