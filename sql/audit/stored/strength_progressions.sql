-- The stored rows of strength_progressions of the shard's users.
SELECT t.id, t.user_id, t.exercise_id, t.measurement_date, t.estimated_1rm_kg, t.estimation_method, t.confidence_score,
       t.base_weight_kg, t.base_reps, t.base_rpe, t.volume_pr, t.weight_pr, t.reps_pr
FROM shard_users AS s
JOIN strength_progressions AS t ON t.user_id = s.user_id
