-- The lifts by their numbers.
CREATE UNLOGGED TABLE peer.lifts AS
SELECT DISTINCT lift, user_id, exercise_id FROM peer.performances
