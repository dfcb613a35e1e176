-- Forgets rows that are no longer so: the horizon and the method by which each was found.
DELETE FROM engine_states AS t
USING forgotten_rows AS g
WHERE t.user_id = g.user_id
