-- Drops the strength progressions.
DROP TABLE strength_progressions;
