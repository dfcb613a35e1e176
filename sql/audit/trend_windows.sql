-- By lift and look: the shortest window of 8 to 26 weeks whose smallest slope to be shown (MDC, per cent a week) is at
-- most delta, else the longest with ten estimates. The noise is the root mean square of second differences.
WITH bends AS (
    SELECT *, lag(y) OVER days - 2 * y + lead(y) OVER days AS bend
    FROM trend_values
    WINDOW days AS (PARTITION BY user_id, exercise_id, which ORDER BY day)
), noise AS (
    SELECT user_id, exercise_id, which,
           min(day) AS first_day, max(day) AS last_day, count(*) AS estimates,
           greatest(1.5, sqrt(of_units(sum(units(bend * bend))) / nullif(count(bend), 0) / 6)) AS sigma
    FROM bends
    GROUP BY user_id, exercise_id, which
), spans AS (
    SELECT v.user_id, v.exercise_id, v.which, w.weeks, min(v.day) AS first_day, count(*) AS m,
           CAST(count(*) * sum(v.age_days * v.age_days) - sum(v.age_days) * sum(v.age_days) AS DOUBLE)
               / (count(*) * 49) AS squares
    FROM trend_values AS v
    JOIN (VALUES (8), (12), (16), (20), (26)) AS w (weeks) ON v.age_days < 7 * w.weeks
    GROUP BY v.user_id, v.exercise_id, v.which, w.weeks
    HAVING count(*) >= 10
), shown AS (
    SELECT s.*, 2.8 * n.sigma / sqrt(s.squares) AS mdc,
           CASE WHEN lower(l.training_experience) = 'beginner' THEN 1.0 ELSE 0.5 END AS delta
    FROM spans AS s
    JOIN noise AS n USING (user_id, exercise_id, which)
    JOIN lifters AS l USING (user_id)
), chosen AS (
    SELECT *
    FROM shown
    QUALIFY row_number() OVER (
        PARTITION BY user_id, exercise_id, which
        ORDER BY mdc > delta, CASE WHEN mdc <= delta THEN weeks ELSE -weeks END
    ) = 1
)
SELECT n.user_id, n.exercise_id, n.which, n.last_day,
       coalesce(c.first_day, n.first_day) AS first_day, coalesce(c.m, n.estimates) AS estimates,
       c.weeks, c.mdc, c.delta
FROM noise AS n
LEFT JOIN chosen AS c USING (user_id, exercise_id, which)
