-- Lifts, with one movement pattern and the foremost muscle of each.
SELECT c.id, c.name, coalesce(c.is_custom, false) AS custom,
       (SELECT min(p.name)
        FROM exercise_movement_patterns AS j
        JOIN movement_patterns AS p ON p.id = j.movement_pattern_id
        WHERE j.exercise_id = c.id) AS movement,
       (SELECT m.key
        FROM exercise_biomechanics AS b
        CROSS JOIN LATERAL jsonb_each(
            CASE WHEN jsonb_typeof(b.primary_muscles) = 'object' THEN b.primary_muscles ELSE '{}'::jsonb END) AS m
        WHERE b.exercise_id = c.id AND jsonb_typeof(m.value) = 'number'
        ORDER BY (m.value #>> '{}')::float8 DESC, m.key
        LIMIT 1) AS muscle
FROM exercise_catalog AS c
WHERE c.id = ANY (%(ids)s)
