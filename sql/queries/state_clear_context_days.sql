-- Forgets rows that are no longer so: what surrounded the sessions of each day.
DELETE FROM engine_context_days AS t
USING forgotten_rows AS g
WHERE t.user_id = g.user_id
  AND t.day = g.day
