-- The ids of some names of exercise_categories.
SELECT name, id FROM exercise_categories WHERE name = ANY(%(names)s::text[])
