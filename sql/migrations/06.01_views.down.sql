-- Drops the two views.
-- locks: none
DROP VIEW weekly_volume_summary;
DROP VIEW latest_strength_estimates;
