-- Drops the volume analytics.
-- locks: users ACCESS EXCLUSIVE
DROP TABLE volume_analytics;
