-- Hard sets, direct and indirect, and volume in half units, by day and muscle.
SELECT w.user_id, w.day, c.muscle,
       sum(CASE c.halves WHEN 2 THEN w.hard_sets ELSE 0 END) AS direct,
       sum(CASE c.halves WHEN 1 THEN w.hard_sets ELSE 0 END) AS indirect,
       sum(w.volume_units * c.halves) AS half_units
FROM lift_work AS w
JOIN muscle_credits AS c USING (exercise_id)
GROUP BY w.user_id, w.day, c.muscle
