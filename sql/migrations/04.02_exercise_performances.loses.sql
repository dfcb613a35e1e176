-- Performances that no legacy set stands behind, or that someone has written notes or a score on.
SELECT 'exercise_performances' AS what, count(*) AS n
FROM exercise_performances AS p
WHERE p.performance_notes IS NOT NULL OR p.technique_quality IS NOT NULL
   OR NOT EXISTS (
       SELECT FROM exercise_sets AS s
       WHERE s.workout_session_id = p.workout_session_id AND s.workout_exercise_id = p.workout_block_exercise_id
   );
