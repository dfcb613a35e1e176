-- Pairs of session and workout exercise that have sets, but no performance, and whose sets are not kept aside.
SELECT DISTINCT
    'no performance for this session and workout exercise' AS problem,
    s.workout_session_id || '/' || s.workout_exercise_id AS subject
FROM exercise_sets AS s
LEFT JOIN exercise_performances AS p
    ON p.id = derived_id('exercise_performances', s.workout_session_id || '/' || s.workout_exercise_id)
WHERE p.id IS NULL
  AND NOT EXISTS (SELECT FROM migration_quarantine AS q WHERE q.source_table = 'exercise_sets' AND q.source_id = s.id);
