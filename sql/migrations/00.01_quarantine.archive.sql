-- Quarantined values whose legacy row is gone: nothing else holds them. (One whose row stands is quarantined again.)
SELECT 'migration_quarantine' AS table_name, ARRAY['source_table', 'source_id', 'reason'] AS key,
    to_jsonb(q) - 'id' AS row, false AS delta
FROM migration_quarantine AS q
WHERE q.source_table IN ('users', 'workouts', 'workout_exercises', 'workout_sessions', 'exercise_sets')
  AND NOT EXISTS (SELECT FROM users AS u WHERE q.source_table = 'users' AND u.id = q.source_id)
  AND NOT EXISTS (SELECT FROM workouts AS w WHERE q.source_table = 'workouts' AND w.id = q.source_id)
  AND NOT EXISTS (SELECT FROM workout_exercises AS w WHERE q.source_table = 'workout_exercises' AND w.id = q.source_id)
  AND NOT EXISTS (SELECT FROM workout_sessions AS w WHERE q.source_table = 'workout_sessions' AND w.id = q.source_id)
  AND NOT EXISTS (SELECT FROM exercise_sets AS s WHERE q.source_table = 'exercise_sets' AND s.id = q.source_id);
