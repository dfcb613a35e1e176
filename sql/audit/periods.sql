-- Each training day with the three periods that it lies in, by their first day.
WITH days AS (
    SELECT DISTINCT user_id, day FROM session_work
)
SELECT user_id, day, 'daily' AS period_type, day AS first_day FROM days
UNION ALL
SELECT user_id, day, 'weekly', CAST(date_trunc('week', day) AS DATE) FROM days
UNION ALL
SELECT user_id, day, 'monthly', CAST(date_trunc('month', day) AS DATE) FROM days
