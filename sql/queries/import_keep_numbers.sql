-- Sets of an exercise that are all known keep their numbers: the order of a file's rows alone changes nothing.
WITH new AS (
    SELECT DISTINCT s.performance_id
    FROM import_sets AS s
    LEFT JOIN set_executions AS e ON e.id = s.set_id
    WHERE e.id IS NULL
)
UPDATE import_sets AS s SET set_number = e.set_number
FROM set_executions AS e
WHERE e.id = s.set_id
  AND NOT EXISTS (SELECT FROM new AS n WHERE n.performance_id = s.performance_id)
