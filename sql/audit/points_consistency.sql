-- Data points on the last eight closed weeks, or those since the first, for users who trained in them or have just
-- begun.
WITH spans AS (
    SELECT *, greatest(last_day - greatest(first_week, first_day) + 1, 0) // 7 AS weeks
    FROM windows
    WHERE name = 'consistency'
), told AS (
    SELECT s.*, l.training_frequency,
           CASE WHEN weeks > 0 THEN greatest(first_week, first_day) ELSE last_day END AS window_start
    FROM spans AS s
    JOIN lifters AS l USING (user_id)
    WHERE training_days > 0 OR weeks = 0
), facts AS (
    SELECT *, unnest([
        {data_type: 'consistency_weeks', numeric_value: CAST(weeks AS DOUBLE)},
        {data_type: 'trained_weeks', numeric_value: CASE WHEN weeks > 0 THEN CAST(trained_weeks AS DOUBLE) END},
        {data_type: 'sessions_per_week', numeric_value: CASE WHEN weeks > 0 THEN training_days / weeks END}
    ], recursive := true)
    FROM told
)
SELECT user_id, data_type, window_start, last_day AS window_end, numeric_value, weeks AS n, NULL::UUID AS source_id,
       coalesce(trust, 1) AS confidence_score, 'consistency/1' AS calculation_method
FROM facts
UNION ALL
SELECT user_id, 'target_sessions_per_week', window_start, last_day, training_frequency, 1, user_id, 1, 'users/1'
FROM told
WHERE weeks > 0
