-- The ids of some names of equipment.
SELECT name, id FROM equipment WHERE name = ANY(%(names)s::text[])
