-- Protocols that are more than what a rep_scheme holds.
SELECT 'set_protocols' AS what, count(*) AS n
FROM set_protocols AS p
LEFT JOIN workout_exercises AS we ON we.id = p.workout_block_exercise_id
WHERE we.id IS NULL OR p.protocol_type <> 'working'
   OR p.protocol_data IS DISTINCT FROM jsonb_build_object('reps', we.rep_scheme -> p.set_order::text);
