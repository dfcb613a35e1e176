-- The exercises of the blocks. A changed mapping changes the exercise, never the identity.
WITH written AS (
    INSERT INTO workout_block_exercises (id, workout_block_id, exercise_id, exercise_order)
    SELECT block_exercise_id, block_id, exercise_id, position FROM import_performances
    ON CONFLICT (id) DO UPDATE SET workout_block_id = excluded.workout_block_id, exercise_id = excluded.exercise_id
    WHERE (workout_block_exercises.workout_block_id, workout_block_exercises.exercise_id)
        IS DISTINCT FROM (excluded.workout_block_id, excluded.exercise_id)
    RETURNING id, xmax = 0 AS added
)
INSERT INTO import_touched (id, added) SELECT id, added FROM written
