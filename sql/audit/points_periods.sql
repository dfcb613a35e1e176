-- Data points on the last closed week, the last two closed months, and the change from month to month.
WITH rows AS (
    SELECT w.*, s.id AS source_id, s.hard_sets, of_units(s.volume_units) AS volume_kg
    FROM windows AS w
    JOIN period_sums AS s
        ON s.user_id = w.user_id AND s.first_day = w.first_day
        AND s.period_type = CASE w.name WHEN 'week' THEN 'weekly' ELSE 'monthly' END
    WHERE w.name IN ('week', 'month', 'month before')
), sums AS (
    SELECT *, unnest([
        {measure: 'hard_sets', numeric_value: CAST(hard_sets AS DOUBLE)},
        {measure: 'tonnage_kg', numeric_value: volume_kg},
        {measure: 'sessions', numeric_value: CAST(training_days AS DOUBLE)}
    ], recursive := true)
    FROM rows
)
SELECT user_id, CASE name WHEN 'week' THEN 'weekly_' ELSE 'monthly_' END || measure AS data_type,
       first_day AS window_start, last_day AS window_end, numeric_value, training_days AS n, source_id,
       trust AS confidence_score, 'period_sum/1' AS calculation_method
FROM sums
UNION ALL
SELECT now.user_id, 'monthly_tonnage_change_pct', now.first_day, now.last_day,
       100 * (now.volume_kg - past.volume_kg) / past.volume_kg, now.training_days + past.training_days, NULL,
       least(now.trust, past.trust), 'period_change/1'
FROM rows AS now
JOIN rows AS past USING (user_id)
WHERE now.name = 'month' AND past.name = 'month before' AND past.volume_kg > 0
