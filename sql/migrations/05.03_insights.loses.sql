-- Insights, their read marks and feedback, and the facts they cite: the legacy schema has no place for them.
SELECT 'insight_data_points' AS what, count(*) AS n FROM insight_data_points
UNION ALL SELECT 'user_insights', count(*) FROM user_insights;
