-- Drops the performances. Sessions and sets never left.
DROP TABLE exercise_performances;
