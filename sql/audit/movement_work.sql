-- Hard sets and volume by day and movement pattern, both in 720720ths.
SELECT w.user_id, w.day, s.pattern,
       sum(w.hard_sets * s.parts) AS set_parts, sum(w.volume_units * s.parts) AS unit_parts
FROM lift_work AS w
JOIN pattern_shares AS s USING (exercise_id)
GROUP BY w.user_id, w.day, s.pattern
