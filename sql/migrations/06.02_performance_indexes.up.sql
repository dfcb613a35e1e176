-- Plan 6.2: indexes for the common queries, built without blocking writes.
-- idx_set_executions_performance and idx_exercise_performances_session are made with their tables (04.03, 04.02).
-- idx_strength_progressions_user_exercise repeats the UNIQUE of 05.02 exactly and is left out.
-- locks: volume_analytics SHARE UPDATE EXCLUSIVE, insight_data_points SHARE UPDATE EXCLUSIVE
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction -- these steps run without one

-- step: volume by period (no transaction)
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_volume_analytics_user_period
ON volume_analytics (user_id, period_type, calculation_date);

-- step: data points by type (no transaction)
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_insight_data_points_user_type_date
ON insight_data_points (user_id, data_type, measurement_date);
