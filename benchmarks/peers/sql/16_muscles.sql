-- By period the JSON object of the muscles: direct 1, indirect 0.5, and what no muscle is known for (number 0).
CREATE UNLOGGED TABLE peer.muscles AS
WITH roles AS (
    SELECT b.exercise_id, m.key AS name,
           CASE WHEN r.role = 'primary' AND (m.value #>> '{}')::numeric >= 50 THEN 2 ELSE 1 END AS halves
    FROM exercise_biomechanics AS b
    CROSS JOIN LATERAL (VALUES ('primary', b.primary_muscles), ('secondary', b.secondary_muscles)) AS r (role, muscles)
    CROSS JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(r.muscles) = 'object' THEN r.muscles ELSE '{}' END) AS m
    WHERE jsonb_typeof(m.value) = 'number' AND m.key <> 'unattributed'
), names AS (
    SELECT name, to_json(name)::text AS key, row_number() OVER ()::integer AS muscle
    FROM (SELECT DISTINCT name FROM roles) AS t
), credits AS (
    SELECT r.exercise_id, n.muscle, max(r.halves) AS halves
    FROM roles AS r
    JOIN names AS n USING (name)
    GROUP BY r.exercise_id, n.muscle
), days AS (
    SELECT w.user_day, coalesce(c.muscle, 0) AS muscle,
           sum(CASE WHEN c.halves = 1 THEN 0 ELSE w.hard_sets END) AS direct,
           sum(CASE WHEN c.halves = 1 THEN w.hard_sets ELSE 0 END) AS indirect,
           sum(w.units * coalesce(c.halves, 2))::bigint AS half_units
    FROM peer.work AS w
    LEFT JOIN credits AS c USING (exercise_id)
    GROUP BY w.user_day, coalesce(c.muscle, 0)
    UNION ALL
    SELECT user_day, 0, 0, 0, 0 FROM peer.user_days
), sums AS (
    SELECT p.period, d.muscle, sum(d.direct) AS direct, sum(d.indirect) AS indirect, sum(d.half_units) AS half_units
    FROM days AS d
    JOIN peer.periods AS p USING (user_day)
    GROUP BY p.period, d.muscle
)
SELECT s.period,
       ('{' || string_agg(CASE s.muscle
           WHEN 0 THEN '"unattributed":{"sets":' || s.direct || ',"volume_kg":' || round(s.half_units / 20000, 2) || '}'
           ELSE n.key || ':{"direct":' || s.direct || ',"indirect":' || s.indirect
                || ',"hard_sets":' || (2 * s.direct + s.indirect) / 2.0
                || ',"volume_kg":' || round(s.half_units / 20000, 2) || '}'
       END, ',') || '}')::jsonb AS volume_by_muscle_group
FROM sums AS s
LEFT JOIN names AS n USING (muscle)
GROUP BY s.period
