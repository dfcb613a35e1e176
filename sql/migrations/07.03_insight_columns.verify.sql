-- Indexes that are missing or were left invalid by a build that failed.
SELECT 'index is missing or invalid' AS problem, name AS subject
FROM unnest(ARRAY[
    'idx_insight_data_points_live', 'user_insights_live_key', 'idx_user_insights_supporting_data'
]) AS name
WHERE NOT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('public.' || name) AND indisvalid);
