-- Blocks that are more than the one made of each workout.
SELECT 'workout_blocks' AS table_name, ARRAY['id'] AS key, to_jsonb(b) AS row, false AS delta
FROM workout_blocks AS b
LEFT JOIN workouts AS w ON w.id = b.id
WHERE w.id IS NULL
UNION ALL
SELECT 'workout_blocks', ARRAY['id'], jsonb_build_object('id', b.id) || d.fields, true
FROM workout_blocks AS b
JOIN workouts AS w ON w.id = b.id
CROSS JOIN LATERAL legacy_block(w) AS m
CROSS JOIN LATERAL jsonb_delta(to_jsonb(b), to_jsonb(m) || '{"rounds": 1}') AS d (fields)
WHERE d.fields <> '{}';
