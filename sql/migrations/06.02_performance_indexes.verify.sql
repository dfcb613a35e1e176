-- Indexes that are missing or were left invalid by a build that failed.
SELECT 'index is missing or invalid' AS problem, name AS subject
FROM unnest(ARRAY['idx_volume_analytics_user_period', 'idx_insight_data_points_user_type_date']) AS name
WHERE NOT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('public.' || name) AND indisvalid);
