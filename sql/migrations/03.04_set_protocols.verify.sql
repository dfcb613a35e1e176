-- Sets of a rep_scheme that are neither carried over nor kept aside.
SELECT 'rep_scheme is not carried over' AS problem, we.id::text AS subject
FROM workout_exercises AS we
WHERE we.rep_scheme IS NOT NULL AND jsonb_typeof(we.rep_scheme) <> 'null'
  AND NOT EXISTS (SELECT FROM migration_quarantine AS q WHERE q.source_table = 'workout_exercises' AND q.source_id = we.id)
  AND (
      SELECT jsonb_object_agg(p.set_order::text, p.protocol_data -> 'reps')
      FROM set_protocols AS p WHERE p.workout_block_exercise_id = we.id
  ) IS DISTINCT FROM nullif(we.rep_scheme, '{}');
