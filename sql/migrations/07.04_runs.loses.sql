-- The record of runs and of paid answers: only these tables hold it.
SELECT 'analytics_runs' AS what, count(*) AS n FROM analytics_runs
UNION ALL SELECT 'analytics_shards', count(*) FROM analytics_shards
UNION ALL SELECT 'analytics_failures', count(*) FROM analytics_failures
UNION ALL SELECT 'insight_ledger', count(*) FROM insight_ledger;
