-- Performances that no legacy session and exercise stand behind, and notes and scores that someone has written on others.
SELECT 'exercise_performances' AS table_name, ARRAY['id'] AS key,
    CASE WHEN made.derived THEN jsonb_build_object(
        'id', p.id, 'performance_notes', p.performance_notes, 'technique_quality', p.technique_quality
    ) ELSE to_jsonb(p) END AS row,
    made.derived AS delta
FROM exercise_performances AS p
CROSS JOIN LATERAL (
    SELECT p.id = derived_id('exercise_performances', p.workout_session_id || '/' || p.workout_block_exercise_id)
        AND EXISTS (SELECT FROM workout_exercises AS we WHERE we.id = p.workout_block_exercise_id) AS derived
) AS made
WHERE NOT made.derived OR num_nonnulls(p.performance_notes, p.technique_quality) > 0;
