-- The rows of strength_progressions. A jump of more than 20 %% that lasts three days is no record of any kind.
INSERT INTO strength_progressions (id, user_id, exercise_id, measurement_date, estimated_1rm_kg, estimation_method,
                                   confidence_score, base_weight_kg, base_reps, base_rpe, volume_pr, weight_pr, reps_pr)
WITH neighbours AS (
    SELECT lift, day,
           max(estimate_kg) OVER before AS highest_before, min(estimate_kg) OVER before AS lowest_before,
           max(estimate_kg) OVER lasting AS highest_after, min(estimate_kg) OVER lasting AS lowest_after,
           count(*) OVER lasting AS days
    FROM peer.lift_days
    WHERE estimate_kg IS NOT NULL AND NOT deload
    WINDOW before AS (PARTITION BY lift, carried ORDER BY day ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING),
           lasting AS (PARTITION BY lift, carried ORDER BY day ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING)
), jumps AS (
    SELECT lift, day
    FROM neighbours
    WHERE days = 3 AND (lowest_after > 1.2::float8 * highest_before OR highest_after < 0.8::float8 * lowest_before)
), compared AS (
    SELECT *,
           max(heaviest_kg) OVER earlier AS heaviest_before_kg,
           max(units) OVER earlier AS units_before,
           count(units) OVER earlier AS volume_days_before
    FROM peer.lift_days
    WINDOW earlier AS (
        PARTITION BY lift, carried ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
)
SELECT uuidv7(), l.user_id, l.exercise_id, d.day,
       d.estimate_kg, d.method, erf(0.05::float8 / (d.sigma * sqrt(2::float8))),
       d.base_weight_kg, d.base_reps, d.base_rpe,
       j.day IS NULL AND coalesce(d.units > d.units_before, false) AND d.volume_days_before >= 4,
       j.day IS NULL AND coalesce(d.heaviest_kg > d.heaviest_before_kg, false),
       j.day IS NULL AND r.day IS NOT NULL
FROM compared AS d
JOIN peer.lifts AS l USING (lift)
LEFT JOIN jumps AS j USING (lift, day)
LEFT JOIN peer.reps_records AS r USING (lift, day)
WHERE d.is_row
ORDER BY l.user_id, d.day
