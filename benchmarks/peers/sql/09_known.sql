-- The 1RM known on each lift and day: the median of the last up to three estimates, none of a deload day, of the 84
-- days before. Days with an estimate are numbered, so that the three are found by equality and not by a range.
CREATE UNLOGGED TABLE peer.known AS
WITH asked AS (
    SELECT lift, day,
           count(*) FILTER (WHERE estimate_kg IS NOT NULL AND NOT deload) OVER (
               PARTITION BY lift ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ) AS before
    FROM peer.lift_days
), estimates AS (
    SELECT lift, day, estimate_kg, row_number() OVER (PARTITION BY lift ORDER BY day) AS place
    FROM peer.lift_days
    WHERE estimate_kg IS NOT NULL AND NOT deload
), newest AS (
    SELECT a.lift, a.day, x.estimate_kg AS a, y.estimate_kg AS b, z.estimate_kg AS c
    FROM asked AS a
    JOIN estimates AS x ON x.lift = a.lift AND x.place = a.before AND x.day >= a.day - 84
    LEFT JOIN estimates AS y ON y.lift = a.lift AND y.place = a.before - 1 AND y.day >= a.day - 84
    LEFT JOIN estimates AS z ON z.lift = a.lift AND z.place = a.before - 2 AND z.day >= a.day - 84
)
SELECT lift, day,
       CASE WHEN c IS NOT NULL THEN greatest(least(a, b), least(greatest(a, b), c))
            WHEN b IS NOT NULL THEN (a + b) * 0.5::float8
            ELSE a END AS known_kg
FROM newest
