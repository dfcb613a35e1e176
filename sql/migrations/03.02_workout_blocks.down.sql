-- Drops the blocks. The workouts never left.
DROP TABLE workout_blocks;
