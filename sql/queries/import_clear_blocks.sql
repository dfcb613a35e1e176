-- Blocks that an exercise has left, because it is now in a superset or no longer in one.
DELETE FROM workout_blocks AS b
WHERE b.workout_id IN (SELECT workout_id FROM import_sessions)
  AND NOT EXISTS (SELECT FROM workout_block_exercises AS e WHERE e.workout_block_id = b.id)
