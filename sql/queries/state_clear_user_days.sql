-- Forgets rows that are no longer so: the facts of days.
DELETE FROM engine_user_days AS t
USING forgotten_rows AS g
WHERE t.user_id = g.user_id
  AND t.day = g.day
