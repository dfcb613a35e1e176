-- Money spent, calls made, requests waiting and days of dismissal: only these tables and columns hold them.
SELECT 'insight_budgets' AS what, count(*) AS n FROM insight_budgets
UNION ALL SELECT 'insight_batches', count(*) FROM insight_batches
UNION ALL SELECT 'insight_calls', count(*) FROM insight_calls
UNION ALL SELECT 'insight_requests', count(*) FROM insight_requests
UNION ALL SELECT 'user_insights (dismissal)', count(*) FROM user_insights WHERE dismissed_at IS NOT NULL;
