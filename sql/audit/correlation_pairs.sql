-- Each lift and factor with 20 days on which both are known: by day, twice the rank of the residual from the lift's
-- median slope, and twice that of the factor. Residuals are whole sevenths of 10^-6 %, so that ranks are no matter of
-- rounding. `wanted` is 1 more than the permutations that the user's pairs need.
WITH whole AS (
    SELECT user_id, exercise_id, day, age_days, CAST(floor(y * 1e6 + 0.5) AS BIGINT) AS y
    FROM trend_values
    WHERE which = 'now' AND user_id IN (SELECT user_id FROM context_levels)
), slopes AS (
    SELECT a.user_id, a.exercise_id, CAST(floor(middle(list(7 * (b.y - a.y) / (b.day - a.day))) + 0.5) AS BIGINT) AS slope
    FROM whole AS a
    JOIN whole AS b ON b.user_id = a.user_id AND b.exercise_id = a.exercise_id AND b.day > a.day
    GROUP BY a.user_id, a.exercise_id
), both_known AS (
    SELECT w.user_id, w.exercise_id, c.factor, w.day, 7 * w.y + s.slope * w.age_days AS residual, c.level
    FROM whole AS w
    JOIN slopes AS s USING (user_id, exercise_id)
    JOIN context_levels AS c USING (user_id, day)
), ranked AS (
    SELECT user_id, exercise_id, factor, day,
           2 * rank() OVER (PARTITION BY user_id, exercise_id, factor ORDER BY residual)
               + count(*) OVER (PARTITION BY user_id, exercise_id, factor, residual) - 1 AS x,
           2 * rank() OVER (PARTITION BY user_id, exercise_id, factor ORDER BY level)
               + count(*) OVER (PARTITION BY user_id, exercise_id, factor, level) - 1 AS y
    FROM both_known
), pairs AS (
    SELECT user_id, exercise_id, factor, min(day) AS first_day, max(day) AS last_day, count(*) AS n,
           list(CAST(x AS DOUBLE) ORDER BY day) AS xs, list(CAST(y AS DOUBLE) ORDER BY day) AS ys,
           sum(x) * sum(y) AS apart, n * sum(x * y) - apart AS product,
           sqrt(CAST(n * sum(x * x) - sum(x) * sum(x) AS DOUBLE))
               * sqrt(CAST(n * sum(y * y) - sum(y) * sum(y) AS DOUBLE)) AS scale
    FROM ranked
    GROUP BY user_id, exercise_id, factor
    HAVING count(*) >= 20 AND min(x) < max(x) AND min(y) < max(y)
)
SELECT *, row_number() OVER () AS pair, greatest(10000, 200 * count(*) OVER (PARTITION BY user_id)) AS wanted
FROM pairs
