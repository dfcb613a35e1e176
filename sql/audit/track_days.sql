-- By lift and day: the heaviest load, the volume load, and the best set, which gives the day's estimate (ties: lower
-- error, then start, number and id). `is_row` tells the days with a set that counts for a 1RM or for records. A deload
-- day is light against the 42 days before, without a set near failure.
WITH sums AS (
    SELECT user_id, exercise_id, carried, day,
           day - DATE '1970-01-01' AS day_number,
           max(load_kg) FILTER (WHERE for_records) AS heaviest_kg,
           sum(volume_units) AS volume_units,
           bool_or(near_failure) AS near_failure,
           bool_or(for_1rm OR for_records) AS is_row
    FROM counted_sets
    GROUP BY user_id, exercise_id, carried, day
), best AS (
    SELECT *
    FROM counted_sets
    WHERE estimate_kg IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY user_id, exercise_id, day
        ORDER BY estimate_kg DESC, sigma, start_time NULLS LAST, set_number, set_id
    ) = 1
), earlier AS (
    SELECT *,
           max(heaviest_kg) OVER (
               PARTITION BY user_id, exercise_id, carried ORDER BY day_number
               RANGE BETWEEN 42 PRECEDING AND 1 PRECEDING
           ) AS heaviest_of_six_weeks_kg
    FROM sums
)
SELECT s.* EXCLUDE (near_failure, heaviest_of_six_weeks_kg),
       of_units(s.volume_units) AS volume_kg,
       coalesce(s.heaviest_kg < 0.85 * s.heaviest_of_six_weeks_kg, false) AND NOT s.near_failure AS deload,
       b.estimate_kg, b.method, b.sigma,
       erf(0.05 / (b.sigma * sqrt(2))) AS confidence,
       b.load_kg AS base_weight_kg, b.own_reps AS base_reps, b.usable_rpe AS base_rpe
FROM earlier AS s
LEFT JOIN best AS b USING (user_id, exercise_id, day)
