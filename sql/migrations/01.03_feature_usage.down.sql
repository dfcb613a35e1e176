-- Drops the usage counts.
-- locks: users ACCESS EXCLUSIVE
DROP TABLE feature_usage;
