-- Forgets rows that are no longer so: what the days before the horizon still decide.
DELETE FROM engine_lift_bests AS t
USING forgotten_rows AS g
WHERE t.user_id = g.user_id
  AND t.exercise_id = g.exercise_id
  AND t.with_body_weight = g.with_body_weight
