-- Deletes sets; their sessions are staged, so that what is left of them is summed up and cleared afterwards.
WITH gone AS (
    DELETE FROM set_executions WHERE id = ANY(%(set_ids)s) RETURNING exercise_performance_id
)
INSERT INTO import_sessions (session_id, workout_id, title, start_time)
SELECT DISTINCT w.id, w.workout_id, '', w.start_time
FROM gone AS g
JOIN exercise_performances AS p ON p.id = g.exercise_performance_id
JOIN workout_sessions AS w ON w.id = p.workout_session_id
ON CONFLICT (session_id) DO NOTHING
