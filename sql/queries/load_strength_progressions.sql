-- Makes strength_progressions hold the staged rows; what is equal already stays untouched.
WITH changed AS (
    UPDATE strength_progressions AS t
    SET estimated_1rm_kg = s.estimated_1rm_kg, estimation_method = s.estimation_method,
        confidence_score = s.confidence_score, base_weight_kg = s.base_weight_kg, base_reps = s.base_reps,
        base_rpe = s.base_rpe, volume_pr = s.volume_pr, weight_pr = s.weight_pr, reps_pr = s.reps_pr
    FROM staged_strength_progressions AS s
    WHERE t.id = s.id
      AND (t.estimated_1rm_kg, t.estimation_method, t.confidence_score, t.base_weight_kg, t.base_reps, t.base_rpe,
           t.volume_pr, t.weight_pr, t.reps_pr)
          IS DISTINCT FROM
          (s.estimated_1rm_kg, s.estimation_method, s.confidence_score, s.base_weight_kg, s.base_reps, s.base_rpe,
           s.volume_pr, s.weight_pr, s.reps_pr)
    RETURNING 1
), added AS (
    INSERT INTO strength_progressions (id, user_id, exercise_id, measurement_date, estimated_1rm_kg, estimation_method,
                                       confidence_score, base_weight_kg, base_reps, base_rpe,
                                       volume_pr, weight_pr, reps_pr)
    SELECT s.id, s.user_id, s.exercise_id, s.measurement_date, s.estimated_1rm_kg, s.estimation_method,
           s.confidence_score, s.base_weight_kg, s.base_reps, s.base_rpe, s.volume_pr, s.weight_pr, s.reps_pr
    FROM staged_strength_progressions AS s
    WHERE NOT EXISTS (SELECT FROM strength_progressions AS t WHERE t.id = s.id)
    RETURNING 1
)
SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM changed) AS changed
