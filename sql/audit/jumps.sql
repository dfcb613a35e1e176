-- Days on which a lift's estimate jumps by more than 20 % against the highest or lowest of up to three days before, and
-- stays there on the next two: another machine. Days without an estimate and deload days are passed over.
WITH neighbours AS (
    SELECT user_id, exercise_id, carried, day,
           max(estimate_kg) OVER before AS highest_before, min(estimate_kg) OVER before AS lowest_before,
           max(estimate_kg) OVER lasting AS highest_after, min(estimate_kg) OVER lasting AS lowest_after,
           count(*) OVER lasting AS days
    FROM track_days
    WHERE estimate_kg IS NOT NULL AND NOT deload
    WINDOW before AS (
        PARTITION BY user_id, exercise_id, carried ORDER BY day ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING
    ), lasting AS (
        PARTITION BY user_id, exercise_id, carried ORDER BY day ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING
    )
)
SELECT user_id, exercise_id, carried, day
FROM neighbours
WHERE days = 3 AND (lowest_after > 1.2 * highest_before OR highest_after < 0.8 * lowest_before)
