-- Drops the variations.
-- locks: exercise_catalog ACCESS EXCLUSIVE
DROP TABLE exercise_variations;
