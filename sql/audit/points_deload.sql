-- Data points on the last closed week with training: a deload week has at most 60 % of the mean hard sets of the last
-- four trained weeks before (at least three, of 26 weeks), or is light on half of its lift-days.
WITH weeks AS (
    SELECT w.*, s.hard_sets
    FROM windows AS w
    JOIN period_sums AS s ON s.user_id = w.user_id AND s.period_type = 'weekly' AND s.first_day = w.first_day
    WHERE w.name = 'week'
), earlier AS (
    SELECT w.user_id, s.hard_sets
    FROM weeks AS w
    JOIN period_sums AS s
        ON s.user_id = w.user_id AND s.period_type = 'weekly'
        AND s.first_day BETWEEN w.first_day - 182 AND w.first_day - 1
    QUALIFY row_number() OVER (PARTITION BY w.user_id ORDER BY s.first_day DESC) <= 4
), baselines AS (
    SELECT user_id, count(*) AS weeks_before, sum(hard_sets) AS sets_before
    FROM earlier
    GROUP BY user_id
), light AS (
    SELECT w.user_id, count(*) AS lift_days, count(*) FILTER (WHERE d.deload) AS light_days
    FROM weeks AS w
    JOIN lift_days AS d ON d.user_id = w.user_id AND d.day BETWEEN w.first_day AND w.last_day
    GROUP BY w.user_id
), facts AS (
    SELECT w.user_id, w.first_day, w.last_day, w.trust, unnest([
        {data_type: 'deload_week', n: w.training_days, numeric_value: NULL::DOUBLE,
         text_value: CASE
             WHEN 2 * l.light_days >= l.lift_days THEN 'deload'
             WHEN b.weeks_before >= 3 AND 10 * b.weeks_before * w.hard_sets <= 6 * b.sets_before THEN 'deload'
             WHEN b.weeks_before >= 3 THEN 'regular'
         END},
        {data_type: 'deload_baseline_hard_sets', n: b.weeks_before,
         numeric_value: CASE WHEN b.weeks_before >= 3 THEN b.sets_before / b.weeks_before END, text_value: NULL},
        {data_type: 'deload_days_share_pct', n: l.lift_days,
         numeric_value: 100 * (l.light_days / l.lift_days), text_value: NULL}
    ], recursive := true)
    FROM weeks AS w
    LEFT JOIN baselines AS b USING (user_id)
    LEFT JOIN light AS l USING (user_id)
)
SELECT user_id, data_type, first_day AS window_start, last_day AS window_end, numeric_value, text_value, n,
       trust AS confidence_score, 'deload/1' AS calculation_method
FROM facts
