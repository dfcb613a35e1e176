-- Workouts without their block.
SELECT 'workout has no block' AS problem, w.id::text AS subject
FROM workouts AS w
WHERE NOT EXISTS (SELECT FROM workout_blocks AS b WHERE b.workout_id = w.id);
