-- Drops the two indexes without blocking writes.
-- locks: volume_analytics SHARE UPDATE EXCLUSIVE, insight_data_points SHARE UPDATE EXCLUSIVE

-- step: data points by type (no transaction)
DROP INDEX CONCURRENTLY IF EXISTS idx_insight_data_points_user_type_date;

-- step: volume by period (no transaction)
DROP INDEX CONCURRENTLY IF EXISTS idx_volume_analytics_user_period;
