-- Drops the volume analytics.
DROP TABLE volume_analytics;
