-- The sets that count for any use, with their estimate by the method that holds for them.
-- Volumes are whole ten-thousandths of a kilogram: weights have two decimals, shares of the body weight two more.
CREATE UNLOGGED TABLE peer.counted AS
SELECT lift, session, day, set_id, set_number, start_time, load_kg, reps, own_reps, usable_rpe, rir, reach_kg,
       is_deadlift, in_tonnage, is_hard, for_1rm, for_records, effort, carried, method,
       CASE WHEN in_tonnage THEN round(coalesce(load_kg, 0) * 10000)::bigint * own_reps END AS units,
       CASE method
           WHEN 'measured' THEN load_kg
           WHEN 'rpe'
               THEN 100 * load_kg
                    / (curve[point + 1] + (place - point) * coalesce(curve[point + 2] - curve[point + 1], 0))
           WHEN 'brzycki' THEN CASE WHEN n = 1 THEN load_kg ELSE 36 * load_kg / (37 - n) END
           WHEN 'epley' THEN load_kg * (1 + n * (1.0::float8 / 30.0::float8))
       END AS estimate_kg
FROM (
    SELECT *,
           CASE
               WHEN NOT for_1rm THEN NULL
               WHEN n = 1 AND rir IS NOT NULL THEN 'measured'
               WHEN usable_rpe IS NOT NULL THEN 'rpe'
               WHEN n <= 10 THEN 'brzycki'
               ELSE 'epley'
           END AS method,
           (n - 1) * 2 AS place,
           floor((n - 1) * 2)::integer AS point,
           '{100.0, 97.8, 95.5, 93.9, 92.2, 90.7, 89.2, 87.8, 86.3, 85.0, 83.7, 82.4, 81.1, 79.9, 78.6, 77.4,
             76.2, 75.1, 73.9, 72.3, 70.7, 69.4, 68.0, 66.7, 65.3, 64.0, 62.6, 61.3, 59.9, 58.6, 57.2}'::float8[] AS curve
    FROM (
        SELECT s.*, own_reps + coalesce(rir, 0) AS n
        FROM peer.sets AS s
        WHERE (in_tonnage OR is_hard OR for_1rm OR for_records)
          AND NOT EXISTS (SELECT FROM peer.typos AS t WHERE t.set_id = s.set_id)
        OFFSET 0
    ) AS kept
    OFFSET 0
) AS chosen
