-- Quarantined values whose legacy row is gone: nothing else holds them. (One whose row stands is quarantined again.)
SELECT 'migration_quarantine' AS what, count(*) AS n
FROM migration_quarantine AS q
WHERE NOT EXISTS (SELECT FROM users AS u WHERE q.source_table = 'users' AND u.id = q.source_id)
  AND NOT EXISTS (SELECT FROM workout_exercises AS w WHERE q.source_table = 'workout_exercises' AND w.id = q.source_id)
  AND NOT EXISTS (SELECT FROM exercise_sets AS s WHERE q.source_table = 'exercise_sets' AND s.id = q.source_id);
