-- The ids of some names of movement_patterns.
SELECT name, id FROM movement_patterns WHERE name = ANY(%(names)s::text[])
