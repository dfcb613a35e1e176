-- The sessions of corrected sets, in the temporary table that import_totals sums up.
CREATE TEMPORARY TABLE import_sessions ON COMMIT DROP AS
SELECT DISTINCT p.workout_session_id AS session_id
FROM set_executions AS e
JOIN exercise_performances AS p ON p.id = e.exercise_performance_id
WHERE e.id = ANY (%(set_ids)s::uuid[])
