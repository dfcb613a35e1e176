-- Sets about ten times, or a tenth, of the median of at least five others of the lift within 60 days. Bounds by day
-- leave few days whose weights must be sorted; for those once a lift and day, and the set's own place is stepped over.
CREATE UNLOGGED TABLE peer.typos AS
WITH days AS (
    SELECT lift, day, day - DATE '2000-01-01' AS number, min(weight_kg) AS low, max(weight_kg) AS high
    FROM peer.sets
    WHERE weighed
    GROUP BY lift, day
), wide AS (
    SELECT lift FROM days GROUP BY lift HAVING max(high) >= 7.9 * min(low)
), near AS (
    SELECT *, min(low) OVER within AS lowest, max(high) OVER within AS highest
    FROM days
    JOIN wide USING (lift)
    WINDOW within AS (PARTITION BY lift ORDER BY number RANGE BETWEEN 60 PRECEDING AND 60 FOLLOWING)
), candidates AS (
    SELECT lift, day, lowest, highest FROM near WHERE high >= 7.9 * lowest OR low * 7.9 <= highest
), sorted AS MATERIALIZED (
    SELECT c.lift, c.day, c.lowest, c.highest, array_agg(s.weight_kg ORDER BY s.weight_kg) AS weights
    FROM candidates AS c
    JOIN peer.sets AS s ON s.lift = c.lift AND s.day BETWEEN c.day - 60 AND c.day + 60
    WHERE s.weighed
    GROUP BY c.lift, c.day, c.lowest, c.highest
    HAVING count(*) > 5
), placed AS (
    SELECT s.set_id, s.weight_kg, o.weights, cardinality(o.weights) - 1 AS others,
           array_position(o.weights, s.weight_kg) AS own
    FROM sorted AS o
    JOIN peer.sets AS s USING (lift, day)
    WHERE s.weighed AND (s.weight_kg >= 7.9 * o.lowest OR s.weight_kg * 7.9 <= o.highest)
), halves AS (
    SELECT set_id, weight_kg, weights, own,
           others / 2 + 1 AS upper, CASE WHEN others %% 2 = 1 THEN others / 2 + 1 ELSE others / 2 END AS lower
    FROM placed
), compared AS (
    SELECT set_id,
           weight_kg / ((weights[lower + (lower >= own)::integer] + weights[upper + (upper >= own)::integer]) / 2)
               AS ratio
    FROM halves
)
SELECT set_id FROM compared WHERE ratio BETWEEN 8 AND 12.5 OR ratio BETWEEN 0.08 AND 0.125
