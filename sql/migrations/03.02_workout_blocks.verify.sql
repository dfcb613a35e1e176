-- Workouts without a block that are not kept aside. One whose writer looks after blocks itself may have none yet.
SELECT 'workout has no block' AS problem, w.id::text AS subject
FROM workouts AS w
WHERE NOT EXISTS (SELECT FROM workout_blocks AS b WHERE b.workout_id = w.id)
  AND NOT EXISTS (SELECT FROM migration_quarantine AS q WHERE q.source_table = 'workouts' AND q.source_id = w.id)
  AND EXISTS (SELECT FROM workout_exercises AS we WHERE we.workout_id = w.id);
