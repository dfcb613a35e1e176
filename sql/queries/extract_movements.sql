-- The movement patterns of the shard's lifts, one row each.
SELECT DISTINCT j.exercise_id, p.name AS pattern
FROM shard_exercises AS s
JOIN exercise_movement_patterns AS j ON j.exercise_id = s.exercise_id
JOIN movement_patterns AS p ON p.id = j.movement_pattern_id
