-- Derives the totals of the performances of changed sessions where they are not as defined. performance_totals() is the
-- definition.
UPDATE exercise_performances AS p SET
    completed_sets = t.completed_sets, total_volume_kg = t.total_volume_kg, total_reps = t.total_reps,
    average_rpe = t.average_rpe, start_time = t.start_time, end_time = t.end_time,
    total_rest_seconds = t.total_rest_seconds
FROM (SELECT DISTINCT c.user_id, c.at FROM engine_changes AS c WHERE c.user_id = ANY (%(user_ids)s)) AS c
JOIN workout_sessions AS ws ON ws.user_id = c.user_id AND ws.start_time = c.at
JOIN exercise_performances AS same ON same.workout_session_id = ws.id
CROSS JOIN LATERAL performance_totals(same.id) AS t
WHERE p.id = same.id
  AND (p.completed_sets, p.total_volume_kg, p.total_reps, p.average_rpe, p.start_time, p.end_time, p.total_rest_seconds)
      IS DISTINCT FROM (t.completed_sets, t.total_volume_kg, t.total_reps, t.average_rpe, t.start_time, t.end_time,
          t.total_rest_seconds)
