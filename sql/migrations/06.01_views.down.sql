-- Drops the two views.
DROP VIEW weekly_volume_summary;
DROP VIEW latest_strength_estimates;
