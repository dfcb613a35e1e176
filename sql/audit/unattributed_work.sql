-- Hard sets and volume by day of lifts whose muscles, and of lifts whose movements, are not known.
SELECT w.user_id, w.day,
       coalesce(sum(w.hard_sets) FILTER (WHERE m.exercise_id IS NULL), 0) AS sets_without_muscle,
       coalesce(sum(w.volume_units) FILTER (WHERE m.exercise_id IS NULL), 0) AS units_without_muscle,
       coalesce(sum(w.hard_sets) FILTER (WHERE p.exercise_id IS NULL), 0) AS sets_without_movement,
       coalesce(sum(w.volume_units) FILTER (WHERE p.exercise_id IS NULL), 0) AS units_without_movement
FROM lift_work AS w
LEFT JOIN (SELECT DISTINCT exercise_id FROM muscle_credits) AS m USING (exercise_id)
LEFT JOIN (SELECT DISTINCT exercise_id FROM pattern_shares) AS p USING (exercise_id)
GROUP BY w.user_id, w.day
