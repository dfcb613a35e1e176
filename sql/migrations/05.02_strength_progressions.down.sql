-- Drops the strength progressions.
-- locks: users ACCESS EXCLUSIVE, exercise_catalog ACCESS EXCLUSIVE
DROP TABLE strength_progressions;
