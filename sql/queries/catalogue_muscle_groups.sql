-- The ids of some names of muscle_groups.
SELECT name, id FROM muscle_groups WHERE name = ANY(%(names)s::text[])
