-- Sets that are neither carried over with equal values (after rounding) nor kept aside, sets that were deleted and stay
-- because of an error, and totals that are not as defined. Sessions and sets of the last two days are the next night's.
SELECT 'set is not carried over' AS problem, s.id::text AS subject
FROM exercise_sets AS s
LEFT JOIN set_executions AS e ON e.id = s.id
WHERE (
    e.id IS NULL
    OR (e.set_number, e.weight_kg, e.reps_completed, e.duration_seconds, round(e.rpe_value), e.set_notes)
       IS DISTINCT FROM (s.set_number, round(s.weight::numeric, 2), s.reps, s.duration, s.rpe::numeric, s.notes)
)
AND NOT EXISTS (SELECT FROM migration_quarantine AS q WHERE q.source_table = 'exercise_sets' AND q.source_id = s.id)
UNION ALL
SELECT 'deleted, and still carried over; `insights quarantine retry` ends that', e.id::text
FROM set_executions AS e JOIN migration_quarantine AS q ON q.source_id = e.id
WHERE q.source_table = 'exercise_sets' AND NOT EXISTS (SELECT FROM exercise_sets AS s WHERE s.id = e.id)
UNION ALL
SELECT 'totals of the performance are not as derived', p.id::text
FROM exercise_performances AS p
JOIN workout_sessions AS ws ON ws.id = p.workout_session_id
CROSS JOIN LATERAL performance_totals(p.id) AS t
WHERE p.completed_sets IS NOT NULL
  AND (p.completed_sets, p.total_volume_kg, p.total_reps, p.average_rpe, p.start_time, p.end_time, p.total_rest_seconds)
      IS DISTINCT FROM (t.completed_sets, t.total_volume_kg, t.total_reps, t.average_rpe, t.start_time, t.end_time,
          t.total_rest_seconds)
  AND greatest(ws.created_at, ws.updated_at) < now() - interval '2 days'
  AND NOT EXISTS (
      SELECT FROM set_executions AS e LEFT JOIN exercise_sets AS s ON s.id = e.id
      WHERE e.exercise_performance_id = p.id
        AND greatest(e.created_at, s.created_at, s.updated_at) > now() - interval '2 days'
  );
