-- Orders the exercises of each block by when they were done.
WITH done AS (
    SELECT e.id, row_number() OVER (PARTITION BY b.id ORDER BY p.performance_order, e.id) AS exercise_order
    FROM workout_blocks AS b
    JOIN workout_block_exercises AS e ON e.workout_block_id = b.id
    JOIN exercise_performances AS p ON p.workout_block_exercise_id = e.id
    WHERE b.workout_id IN (SELECT workout_id FROM import_sessions)
)
UPDATE workout_block_exercises AS e SET exercise_order = d.exercise_order
FROM done AS d
WHERE d.id = e.id AND e.exercise_order IS DISTINCT FROM d.exercise_order
