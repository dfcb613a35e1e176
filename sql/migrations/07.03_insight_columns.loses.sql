-- What says where an insight or a fact came from: only these columns hold it.
SELECT 'insight_data_points (window, entity)' AS what, count(*) AS n
FROM insight_data_points
WHERE num_nonnulls(entity_id, entity, window_start, window_end, unit, n, superseded_at) > 0
UNION ALL
SELECT 'user_insights (provenance)', count(*)
FROM user_insights
WHERE num_nonnulls(insight_key, period_start, period_end, input_hash, prompt_hash, prompt_version, generator, grade,
                   model, locale, units, spans, claims, salience, supersedes, superseded_at) > 0 OR stale;
