-- Sets of this user and source that the log no longer has, in their order.
SELECT i.set_id, w.start_time, x.name AS exercise, e.set_number, e.weight_kg, e.reps_completed AS reps
FROM imported_sets AS i
JOIN set_executions AS e ON e.id = i.set_id
JOIN exercise_performances AS p ON p.id = e.exercise_performance_id
JOIN workout_sessions AS w ON w.id = p.workout_session_id
JOIN workout_block_exercises AS b ON b.id = p.workout_block_exercise_id
JOIN exercise_catalog AS x ON x.id = b.exercise_id
WHERE i.user_id = %(user_id)s AND i.source = %(source)s
  AND NOT EXISTS (SELECT FROM import_sets AS s WHERE s.set_id = i.set_id)
ORDER BY w.start_time, p.performance_order, e.set_number, i.set_id
