-- Volume by period, unrounded: sums of days, never averages of averages.
WITH totals AS (
    SELECT p.user_id, p.period_type, p.first_day,
           sum(w.hard_sets) AS hard_sets, sum(w.volume_units) AS volume_units, sum(w.reps) AS reps,
           sum(w.intensity_units) AS intensity_units, sum(w.intensity_reps) AS intensity_reps
    FROM periods AS p
    JOIN lift_work AS w USING (user_id, day)
    GROUP BY p.user_id, p.period_type, p.first_day
), timed AS (
    SELECT p.user_id, p.period_type, p.first_day,
           sum(t.timed_us) / 3.6e9 AS hours, sum(t.hard_sets) AS hard_sets, sum(t.volume_units) AS volume_units
    FROM periods AS p
    JOIN timed_work AS t USING (user_id, day)
    GROUP BY p.user_id, p.period_type, p.first_day
)
SELECT s.user_id, s.period_type, s.first_day, s.hard_sets, s.volume_units, s.reps, s.intensity_reps,
       row_id('volume_analytics', s.user_id, s.first_day, [text_word(s.period_type)]) AS id,
       CASE WHEN s.intensity_reps > 0 THEN of_units(s.intensity_units) / s.intensity_reps END AS average_intensity,
       CASE WHEN t.hours > 0 THEN of_units(t.volume_units) / t.hours END AS volume_per_hour,
       CASE WHEN t.hours > 0 THEN t.hard_sets / t.hours END AS sets_per_hour
FROM totals AS s
LEFT JOIN timed AS t USING (user_id, period_type, first_day)
