-- The windows of sums and means, each with its training days and the share of its sets without a suspicion.
WITH named AS (
    SELECT user_id, unnest([
        {name: 'week', first_day: week_start, last_day: week_end},
        {name: 'usual', first_day: usual_start, last_day: usual_end},
        {name: 'month', first_day: month_start, last_day: month_end},
        {name: 'month before', first_day: month_before_start, last_day: month_before_end},
        {name: 'balance', first_day: balance_start, last_day: week_end},
        {name: 'consistency', first_day: consistency_start, last_day: week_end}
    ], recursive := true)
    FROM calendars
), trained AS (
    SELECT n.user_id, n.name, count(*) AS training_days, count(DISTINCT date_trunc('week', d.day)) AS trained_weeks
    FROM named AS n
    JOIN (SELECT DISTINCT user_id, day FROM session_work) AS d
        ON d.user_id = n.user_id AND d.day BETWEEN n.first_day AND n.last_day
    GROUP BY n.user_id, n.name
), trusted AS (
    SELECT n.user_id, n.name, 1 - count(*) FILTER (WHERE t.doubtful) / count(*) AS trust
    FROM named AS n
    JOIN trusted_sets AS t ON t.user_id = n.user_id AND t.day BETWEEN n.first_day AND n.last_day
    GROUP BY n.user_id, n.name
), begun AS (
    SELECT user_id, min(first_day) AS first_week FROM periods WHERE period_type = 'weekly' GROUP BY user_id
)
SELECT n.*, b.first_week,
       coalesce(d.training_days, 0) AS training_days, coalesce(d.trained_weeks, 0) AS trained_weeks, t.trust
FROM named AS n
JOIN begun AS b USING (user_id)
LEFT JOIN trained AS d USING (user_id, name)
LEFT JOIN trusted AS t USING (user_id, name)
