-- Drops the variations.
DROP TABLE exercise_variations;
