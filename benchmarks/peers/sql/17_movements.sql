-- By period the JSON object of the movement patterns, a lift's work in equal parts, and of the unattributed (number 0).
CREATE UNLOGGED TABLE peer.movements AS
WITH names AS (
    SELECT name, to_json(name)::text AS key, row_number() OVER ()::integer AS movement
    FROM (SELECT DISTINCT name FROM movement_patterns WHERE name <> 'unattributed') AS t
), shares AS (
    SELECT exercise_id, movement, 720720 / count(*) OVER (PARTITION BY exercise_id) AS parts
    FROM (
        SELECT DISTINCT j.exercise_id, n.movement
        FROM exercise_movement_patterns AS j
        JOIN movement_patterns AS p ON p.id = j.movement_pattern_id
        JOIN names AS n USING (name)
    ) AS named
), days AS (
    SELECT w.user_day, coalesce(s.movement, 0) AS movement,
           sum(w.hard_sets * coalesce(s.parts, 720720))::bigint AS set_parts,
           sum(w.units * coalesce(s.parts, 720720))::bigint AS unit_parts
    FROM peer.work AS w
    LEFT JOIN shares AS s USING (exercise_id)
    GROUP BY w.user_day, coalesce(s.movement, 0)
    UNION ALL
    SELECT user_day, 0, 0, 0 FROM peer.user_days
), sums AS (
    SELECT p.period, d.movement, sum(d.set_parts) AS set_parts, sum(d.unit_parts) AS unit_parts
    FROM days AS d
    JOIN peer.periods AS p USING (user_day)
    GROUP BY p.period, d.movement
)
SELECT s.period,
       ('{' || string_agg(coalesce(n.key, '"unattributed"') || ':{"sets":' || round(s.set_parts / 720720, 2)
                          || ',"volume_kg":' || round(s.unit_parts / 7207200000, 2) || '}', ',') || '}')::jsonb
           AS volume_by_movement
FROM sums AS s
LEFT JOIN names AS n USING (movement)
GROUP BY s.period
