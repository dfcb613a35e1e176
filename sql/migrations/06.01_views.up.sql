-- Plan 6.1: the newest estimate of each lift, and a week's volume.
-- Days without an estimate are passed over. A week is a date (no time zone can move it), and the mean intensity is
-- weighted by the repetitions behind each day's mean.
-- locks: none
CREATE VIEW latest_strength_estimates AS
SELECT DISTINCT ON (user_id, exercise_id)
    user_id, exercise_id, estimated_1rm_kg, measurement_date, confidence_score
FROM strength_progressions
WHERE estimated_1rm_kg IS NOT NULL
ORDER BY user_id, exercise_id, measurement_date DESC;

CREATE VIEW weekly_volume_summary AS
SELECT
    user_id,
    date_trunc('week', calculation_date::timestamp)::date AS week_start,
    sum(total_volume_kg) AS weekly_volume,
    sum(total_sets) AS weekly_sets,
    sum(average_intensity * intensity_reps)
        / nullif(sum(intensity_reps) FILTER (WHERE average_intensity IS NOT NULL), 0) AS avg_weekly_intensity
FROM volume_analytics
WHERE period_type = 'daily'
GROUP BY user_id, date_trunc('week', calculation_date::timestamp)::date;
