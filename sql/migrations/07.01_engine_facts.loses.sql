-- Body weights, traits, source words and consents: only these hold them.
SELECT 'user_body_weights' AS what, count(*) AS n FROM user_body_weights
UNION ALL SELECT 'exercise_traits', count(*) FROM exercise_traits
UNION ALL SELECT 'set_executions.source_set_type', count(*) FROM set_executions WHERE source_set_type IS NOT NULL
UNION ALL SELECT 'user_preferences.llm_processing', count(*) FROM user_preferences WHERE llm_processing;
