-- Drops the biomechanics.
DROP TABLE exercise_biomechanics;
