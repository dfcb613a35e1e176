-- newest_verdicts
-- The newest finished run that judged sets, with its counts of verdicts by use.
SELECT id, job, as_of, finished_at, sets, verdict_counts
FROM analytics_runs
WHERE finished_at IS NOT NULL AND verdict_counts IS NOT NULL AND verdict_counts <> '{}'::jsonb
ORDER BY started_at DESC
LIMIT 1
