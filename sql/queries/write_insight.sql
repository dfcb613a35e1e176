-- Writes an insight; the same insight again stands as it is, or stands again.
INSERT INTO user_insights (
    id, user_id, insight_type, insight_category, title, description, confidence_score, recommendations,
    supporting_data_ids, chart_data, valid_until, insight_key, period_start, period_end, input_hash, prompt_hash,
    prompt_version, generator, grade, model, locale, units, spans, claims, supersedes)
VALUES (
    %(id)s, %(user_id)s, %(insight_type)s, %(insight_category)s, %(title)s, %(description)s, %(confidence_score)s,
    %(recommendations)s, %(supporting_data_ids)s, %(chart_data)s, %(valid_until)s, %(insight_key)s, %(period_start)s,
    %(period_end)s, %(input_hash)s, %(prompt_hash)s, %(prompt_version)s, %(generator)s, %(grade)s, %(model)s,
    %(locale)s, %(units)s, %(spans)s, %(claims)s, %(supersedes)s)
ON CONFLICT (id) DO UPDATE SET superseded_at = NULL, stale = false
