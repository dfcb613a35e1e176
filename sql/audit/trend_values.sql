-- The estimates that two looks see, as_of and 28 days before: y = 100 ln(kg) of the 26 weeks up to the look, without
-- deload days, since the last jump or since body weight is part of the load, if the last is at most 21 days old.
WITH looks AS (
    SELECT user_id, as_of AS look, 'now' AS which FROM lifters
    UNION ALL
    SELECT user_id, as_of - 28, 'earlier' FROM lifters
), seen AS (
    SELECT d.user_id, d.exercise_id, k.which, k.look, d.day, d.estimate_kg, d.deload,
           row(d.carried, d.segment) AS segment,
           max(row(d.carried, d.segment)) OVER (PARTITION BY d.user_id, d.exercise_id, k.which) AS last_segment
    FROM looks AS k
    JOIN lift_days AS d ON d.user_id = k.user_id AND d.day <= k.look
), usable AS (
    SELECT user_id, exercise_id, which, day, look - day AS age_days, 100 * ln(estimate_kg) AS y
    FROM seen
    WHERE segment = last_segment AND estimate_kg > 0 AND NOT deload AND day > look - 182
)
SELECT *
FROM usable
QUALIFY min(age_days) OVER (PARTITION BY user_id, exercise_id, which) <= 21
