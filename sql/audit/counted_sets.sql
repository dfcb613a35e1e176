-- The sets that count for any use, each with its 1RM estimate and its relative error. `carried` says whether body
-- weight is part of the load on the lift's day: such days compare only with each other.
WITH counted AS (
    SELECT *,
           tonnage = 'counted' AS in_tonnage,
           own_reps + coalesce(rir, 0) AS n,
           own_reps + coalesce(rir, 2) AS n_for_error
    FROM judged_sets
    WHERE tonnage = 'counted' OR is_hard OR for_1rm OR for_records
), methods AS (
    SELECT *,
           CASE
               WHEN NOT for_1rm THEN NULL
               WHEN n = 1 AND rir IS NOT NULL THEN 'measured'
               WHEN usable_rpe IS NOT NULL THEN 'rpe'
               WHEN n <= 10 THEN 'brzycki'
               ELSE 'epley'
           END AS method,
           (n - 1) * 2 AS curve_at,
           CAST([100.0, 97.8, 95.5, 93.9, 92.2, 90.7, 89.2, 87.8, 86.3, 85.0, 83.7, 82.4, 81.1, 79.9, 78.6, 77.4,
                 76.2, 75.1, 73.9, 72.3, 70.7, 69.4, 68.0, 66.7, 65.3, 64.0, 62.6, 61.3, 59.9, 58.6, 57.2]
                AS DOUBLE[]) AS curve,
           CAST(floor((n - 1) * 2) AS INTEGER) AS point,
           0.03::DOUBLE + 0.003::DOUBLE * greatest(n_for_error - 5, 0) AS per_repetition,
           power(greatest(n_for_error / 10, 1), 2) AS stretch
    FROM counted
), errors AS (
    SELECT *,
           per_repetition * stretch * CASE WHEN rir IS NULL THEN 3.3 ELSE 0.3 + 0.25 * rir END AS error_of_reserve,
           per_repetition * 2.5 * (n_for_error - 1) / 9 AS error_of_person
    FROM methods
)
SELECT user_id, exercise_id, session_id, set_id, day, set_number, start_time, load_kg, reps, own_reps,
       usable_rpe, in_tonnage, is_hard, for_1rm, for_records, method,
       CASE WHEN in_tonnage THEN units(load_kg * own_reps) END AS volume_units,
       CASE method
           WHEN 'measured' THEN load_kg
           WHEN 'rpe'
               THEN 100::DOUBLE * load_kg
                    / (curve[point + 1] + (curve_at - point) * coalesce(curve[point + 2] - curve[point + 1], 0))
           WHEN 'brzycki' THEN CASE WHEN n = 1 THEN load_kg ELSE 36::DOUBLE * load_kg / (37 - n) END
           WHEN 'epley' THEN load_kg * (1 + n * (1 / 30::DOUBLE))
       END AS estimate_kg,
       sqrt(power(error_of_reserve, 2) + power(error_of_person, 2) + power(0.042::DOUBLE, 2)
            + CASE WHEN is_deadlift THEN power(0.05::DOUBLE, 2) ELSE 0 END) AS sigma,
       is_hard AND (set_type = 'amrap' OR coalesce(usable_rpe >= 9, false)) AS near_failure,
       CASE WHEN load_kind = 'band' THEN coalesce(weight_kg, 0) ELSE coalesce(load_kg, -abs(weight_kg)) END AS reach_kg,
       bool_or(coalesce(
           load_kind = 'bodyweight' AND load_kg > coalesce(weight_kg, 0)
           OR load_kind = 'assisted' AND load_kg IS NOT NULL, false
       )) OVER (PARTITION BY user_id, exercise_id, day) AS carried
FROM errors
