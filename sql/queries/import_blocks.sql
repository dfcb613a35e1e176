-- The blocks of the log's workouts: a superset is one, any other exercise has its own. import_arrange_blocks orders them.
INSERT INTO workout_blocks (id, workout_id, block_order)
SELECT block_id, workout_id, min(position) FROM import_performances GROUP BY block_id, workout_id
ON CONFLICT (id) DO NOTHING
