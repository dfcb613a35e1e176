-- Exercises of a session that are all known keep their places: the order of a file's rows alone changes nothing.
WITH new AS (
    SELECT DISTINCT p.session_id
    FROM import_performances AS p
    LEFT JOIN exercise_performances AS e ON e.id = p.performance_id
    WHERE e.id IS NULL
)
UPDATE import_performances AS p SET position = e.performance_order
FROM exercise_performances AS e
WHERE e.id = p.performance_id
  AND NOT EXISTS (SELECT FROM new AS n WHERE n.session_id = p.session_id)
