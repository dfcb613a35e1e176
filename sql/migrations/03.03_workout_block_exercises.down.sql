-- Drops the block exercises. The workout_exercises never left.
DROP TABLE workout_block_exercises;
