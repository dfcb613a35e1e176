-- Drops the biomechanics.
-- locks: exercise_catalog ACCESS EXCLUSIVE
DROP TABLE exercise_biomechanics;
