-- Which lifts of the catalogue are variations of which, in both directions; users' own are left out.
SELECT p.lift_id AS of_exercise_id, p.other_id AS id
FROM (
    SELECT parent_exercise_id AS lift_id, variation_exercise_id AS other_id FROM exercise_variations
    UNION
    SELECT variation_exercise_id, parent_exercise_id FROM exercise_variations
) AS p
JOIN exercise_catalog AS c ON c.id = p.other_id
WHERE p.lift_id = ANY (%(ids)s) AND NOT coalesce(c.is_custom, false)
ORDER BY 1, 2
