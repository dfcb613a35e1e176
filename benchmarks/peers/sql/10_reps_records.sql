-- Lifts and days with a set that had more repetitions than every set of an earlier day at its weight or more, of which
-- there is one. Only the first day of a weight with that many repetitions can be such a day.
CREATE UNLOGGED TABLE peer.reps_records AS
WITH firsts AS (
    SELECT c.lift, d.carried, c.reach_kg, c.reps, min(c.day) AS day
    FROM peer.counted AS c
    JOIN peer.lift_days AS d USING (lift, day)
    WHERE c.for_records
    GROUP BY c.lift, d.carried, c.reach_kg, c.reps
)
SELECT DISTINCT lift, day
FROM (
    SELECT n.lift, n.carried, n.day, n.reach_kg, n.reps
    FROM firsts AS n
    JOIN firsts AS e ON e.lift = n.lift AND e.carried = n.carried AND e.day < n.day AND e.reach_kg >= n.reach_kg
    GROUP BY n.lift, n.carried, n.day, n.reach_kg, n.reps
    HAVING max(e.reps) < n.reps
) AS records
