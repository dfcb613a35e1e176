-- Blocks that are more than the one made of each workout.
SELECT 'workout_blocks' AS what, count(*) AS n
FROM workout_blocks
WHERE id <> workout_id
   OR (block_order, block_name, block_type, rest_between_exercises, rounds, round_rest_seconds, notes)
      IS DISTINCT FROM (1, 'Main Block', 'straight_sets'::workout_block_type_enum, NULL::integer, 1, NULL::integer, NULL::text);
