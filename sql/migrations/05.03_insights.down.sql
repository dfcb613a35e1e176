-- Drops insights and data points.
-- locks: users ACCESS EXCLUSIVE
DROP TABLE user_insights;
DROP TABLE insight_data_points;
