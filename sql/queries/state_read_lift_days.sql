-- What is remembered of the shard's users: the facts of lifts and days.
SELECT t.user_id, t.exercise_id, t.day, t.with_body_weight, t.hard_sets, t.reps, t.volume_ug, t.checked_sets,
       t.doubtful_sets, t.effort, t.told, t.heaviest_kg, t.estimated_1rm_kg, t.estimation_method, t.sigma,
       t.base_weight_kg, t.base_reps, t.base_rpe, t.reach_kg, t.reach_reps, t.typed_low_kg, t.typed_high_kg,
       t.typed_lower_kg, t.typed_upper_kg
FROM shard_users AS s
JOIN engine_lift_days AS t ON t.user_id = s.user_id
