-- The exercises as they were done, one row a session and title. import_totals sums them up.
INSERT INTO exercise_performances (
    id, workout_session_id, workout_block_exercise_id, performance_order, performance_notes
)
SELECT performance_id, session_id, block_exercise_id, position, notes FROM import_performances
ON CONFLICT (id) DO UPDATE SET
    performance_order = excluded.performance_order, performance_notes = excluded.performance_notes
WHERE (exercise_performances.performance_order, exercise_performances.performance_notes)
    IS DISTINCT FROM (excluded.performance_order, excluded.performance_notes)
