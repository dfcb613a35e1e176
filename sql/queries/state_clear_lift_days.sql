-- Forgets rows that are no longer so: the facts of lifts and days.
DELETE FROM engine_lift_days AS t
USING forgotten_rows AS g
WHERE t.user_id = g.user_id
  AND t.exercise_id = g.exercise_id
  AND t.day = g.day
