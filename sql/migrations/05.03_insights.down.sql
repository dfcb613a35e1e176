-- Drops insights and data points.
DROP TABLE user_insights;
DROP TABLE insight_data_points;
