-- Orders the blocks of the log's workouts by what was done in them first, and names their type by what they hold.
WITH done AS (
    SELECT b.id, min(p.performance_order) AS block_order, count(DISTINCT e.id) AS exercises
    FROM workout_blocks AS b
    JOIN workout_block_exercises AS e ON e.workout_block_id = b.id
    JOIN exercise_performances AS p ON p.workout_block_exercise_id = e.id
    WHERE b.workout_id IN (SELECT workout_id FROM import_sessions)
    GROUP BY b.id
), arranged AS (
    SELECT id, block_order, (
        CASE WHEN exercises = 1 THEN 'straight_sets' WHEN exercises = 2 THEN 'superset' ELSE 'giant_set' END
    )::workout_block_type_enum AS block_type
    FROM done
)
UPDATE workout_blocks AS b SET block_order = a.block_order, block_type = a.block_type
FROM arranged AS a
WHERE a.id = b.id AND (b.block_order, b.block_type) IS DISTINCT FROM (a.block_order, a.block_type)
