-- Sets that are neither carried over with equal values (after rounding) nor kept aside.
SELECT 'set is not carried over' AS problem, s.id::text AS subject
FROM exercise_sets AS s
LEFT JOIN set_executions AS e ON e.id = s.id
WHERE NOT EXISTS (SELECT FROM migration_quarantine AS q WHERE q.source_table = 'exercise_sets' AND q.source_id = s.id)
  AND (
      e.id IS NULL
      OR (e.set_number, e.weight_kg, e.reps_completed, e.duration_seconds, e.rpe_value, e.set_notes)
         IS DISTINCT FROM (s.set_number, round(s.weight::numeric, 2), s.reps, s.duration, s.rpe::numeric, s.notes)
  );
