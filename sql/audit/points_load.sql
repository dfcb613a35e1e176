-- Data points on the load of the last closed week: monotony and strain [Foster 1998], and the week against a quarter of
-- the four weeks that it ends. A load is a day's volume as it is stored, in whole hundredths of a kilogram; rest days
-- are 0.
WITH loads AS (
    SELECT user_id, first_day AS day, CAST(100 * CAST(digits(of_units(volume_units)) AS DECIMAL(16, 2)) AS HUGEINT) AS load
    FROM period_sums
    WHERE period_type = 'daily'
), began AS (
    SELECT user_id, min(day) AS first_training FROM loads GROUP BY user_id
), sums AS (
    SELECT w.user_id, w.name, w.first_day, w.last_day, w.training_days, w.trust,
           sum(d.load) AS total, 7 * sum(d.load * d.load) - sum(d.load) * sum(d.load) AS spread
    FROM windows AS w
    JOIN loads AS d ON d.user_id = w.user_id AND d.day BETWEEN w.first_day AND w.last_day
    WHERE w.name IN ('week', 'balance')
    GROUP BY ALL
), monotonies AS (
    SELECT *, (CAST(total AS DOUBLE) / 7) / sqrt(CAST(spread AS DOUBLE) / 42) AS monotony
    FROM sums
    WHERE name = 'week' AND spread > 0
)
SELECT user_id, 'weekly_monotony' AS data_type, first_day AS window_start, last_day AS window_end,
       monotony AS numeric_value, training_days AS n, trust AS confidence_score, 'foster_1998/1' AS calculation_method
FROM monotonies
UNION ALL
SELECT user_id, 'weekly_strain_kg', first_day, last_day, CAST(total AS DOUBLE) / 100 * monotony, training_days, trust,
       'foster_1998/1'
FROM monotonies
UNION ALL
SELECT m.user_id, 'acute_chronic_ratio', m.first_day, m.last_day,
       4 * CAST(coalesce(w.total, 0) AS DOUBLE) / CAST(m.total AS DOUBLE), m.training_days, m.trust, 'acute_chronic/1'
FROM sums AS m
JOIN began AS b ON b.user_id = m.user_id AND b.first_training <= m.first_day
LEFT JOIN sums AS w ON w.user_id = m.user_id AND w.name = 'week'
WHERE m.name = 'balance' AND m.total > 0
