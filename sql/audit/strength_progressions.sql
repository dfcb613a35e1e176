-- The rows of strength_progressions as they should be stored.
SELECT id, user_id, exercise_id, day AS measurement_date,
       CAST(digits(estimate_kg) AS DECIMAL(8, 2)) AS estimated_1rm_kg,
       method AS estimation_method,
       CAST(digits(confidence) AS DECIMAL(3, 2)) AS confidence_score,
       CAST(digits(base_weight_kg) AS DECIMAL(8, 2)) AS base_weight_kg,
       CAST(base_reps AS INTEGER) AS base_reps,
       CAST(digits(base_rpe) AS DECIMAL(4, 1)) AS base_rpe,
       volume_pr, weight_pr, reps_pr
FROM lift_days
