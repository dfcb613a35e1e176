-- The muscles of the shard's lifts, one row a muscle and role; entries that are not numbers are passed over.
-- Bounded: jsonb holds numbers that a float8 does not.
SELECT b.exercise_id, m.key AS muscle, r.role, least(greatest((m.value #>> '{}')::numeric, -1000), 1000)::float8 AS activation
FROM shard_exercises AS s
JOIN exercise_biomechanics AS b ON b.exercise_id = s.exercise_id
CROSS JOIN LATERAL (VALUES ('primary', b.primary_muscles),
                           ('secondary', b.secondary_muscles),
                           ('stabilizer', b.stabilizer_muscles)) AS r (role, muscles)
CROSS JOIN LATERAL jsonb_each(CASE WHEN jsonb_typeof(r.muscles) = 'object' THEN r.muscles ELSE '{}'::jsonb END) AS m
WHERE jsonb_typeof(m.value) = 'number'
