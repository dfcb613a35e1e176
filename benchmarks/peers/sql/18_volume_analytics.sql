-- The rows of volume_analytics: sums of days, never averages of averages.
INSERT INTO volume_analytics (id, user_id, calculation_date, period_type, total_volume_kg, total_sets, total_reps,
                              average_intensity, intensity_reps, volume_by_muscle_group, volume_by_movement,
                              volume_per_hour, sets_per_hour)
WITH days AS (
    SELECT user_day, sum(hard_sets) AS hard_sets, sum(units)::bigint AS units, sum(reps)::bigint AS reps,
           sum(intensity)::bigint AS intensity, sum(intensity_reps)::bigint AS intensity_reps
    FROM peer.work
    GROUP BY user_day
), totals AS (
    SELECT p.period, p.user_id, p.period_type, p.first_day,
           sum(d.hard_sets) AS hard_sets, sum(d.units) AS units, sum(d.reps) AS reps,
           sum(d.intensity) AS intensity, sum(d.intensity_reps) AS intensity_reps,
           sum(t.length_us)::float8 / 3600000000 AS hours, sum(t.hard_sets) AS timed_sets, sum(t.units) AS timed_units
    FROM peer.periods AS p
    JOIN days AS d USING (user_day)
    LEFT JOIN peer.timed AS t USING (user_day)
    GROUP BY p.period, p.user_id, p.period_type, p.first_day
)
SELECT uuidv7(), s.user_id, s.first_day, s.period_type, round(s.units / 10000, 2), s.hard_sets, s.reps,
       s.intensity::float8 / 1e9::float8 / nullif(s.intensity_reps, 0)::float8, s.intensity_reps,
       m.volume_by_muscle_group, v.volume_by_movement,
       s.timed_units::float8 / 10000 / s.hours, s.timed_sets::float8 / s.hours
FROM totals AS s
JOIN peer.muscles AS m USING (period)
JOIN peer.movements AS v USING (period)
ORDER BY s.period
