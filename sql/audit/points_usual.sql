-- Data points on the mean of the four closed weeks before the last, for users who had begun by then and trained since.
-- Weeks without training are 0.
WITH sums AS (
    SELECT w.user_id, sum(s.hard_sets) AS hard_sets, sum(s.volume_units) AS volume_units
    FROM windows AS w
    JOIN period_sums AS s
        ON s.user_id = w.user_id AND s.period_type = 'weekly' AND s.first_day BETWEEN w.first_day AND w.last_day
    WHERE w.name = 'usual'
    GROUP BY w.user_id
), means AS (
    SELECT u.*, unnest([
        {data_type: 'weekly_hard_sets_usual', numeric_value: CAST(coalesce(s.hard_sets, 0) AS DOUBLE) / 4},
        {data_type: 'weekly_tonnage_usual_kg', numeric_value: of_units(coalesce(s.volume_units, 0)) / 4},
        {data_type: 'weekly_sessions_usual', numeric_value: CAST(u.training_days AS DOUBLE) / 4}
    ], recursive := true)
    FROM windows AS u
    JOIN windows AS w ON w.user_id = u.user_id AND w.name = 'week'
    LEFT JOIN sums AS s ON s.user_id = u.user_id
    WHERE u.name = 'usual' AND u.first_week <= u.first_day AND u.training_days + w.training_days > 0
)
SELECT user_id, data_type, first_day AS window_start, last_day AS window_end, numeric_value, 4 AS n,
       coalesce(trust, 1) AS confidence_score, 'period_mean/1' AS calculation_method
FROM means
