-- Drops the record of runs and the ledger of insights.
-- locks: users ACCESS EXCLUSIVE
DROP TABLE insight_ledger;
DROP TABLE analytics_failures;
DROP TABLE analytics_shards;
DROP TABLE analytics_runs;
