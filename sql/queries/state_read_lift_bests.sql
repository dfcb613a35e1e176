-- What is remembered of the shard's users: what the days before the horizon still decide.
SELECT t.user_id, t.exercise_id, t.with_body_weight, t.before, t.told, t.heaviest_kg, t.heaviest_day, t.volume_ug,
       t.volume_day, t.volume_days, t.estimate_1_kg, t.estimate_1_day, t.estimate_2_kg, t.estimate_2_day,
       t.estimate_3_kg, t.estimate_3_day, t.light_kg, t.light_day, t.front_kg, t.front_reps, t.front_day
FROM shard_users AS s
JOIN engine_lift_bests AS t ON t.user_id = s.user_id
