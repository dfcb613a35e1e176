-- Drops the usage counts.
DROP TABLE feature_usage;
