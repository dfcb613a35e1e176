-- The stored rows of volume_analytics of the shard's users.
SELECT t.id, t.user_id, t.calculation_date, t.period_type, t.total_volume_kg, t.total_sets, t.total_reps,
       t.average_intensity, t.intensity_reps, t.volume_by_muscle_group::text AS volume_by_muscle_group,
       t.volume_by_movement::text AS volume_by_movement, t.volume_per_hour, t.sets_per_hour
FROM shard_users AS s
JOIN volume_analytics AS t ON t.user_id = s.user_id
