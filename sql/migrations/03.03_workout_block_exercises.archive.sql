-- Block exercises that are more than what workout_exercises holds. Their order is derived where they have a legacy row.
SELECT 'workout_block_exercises' AS table_name, ARRAY['id'] AS key, to_jsonb(be) AS row, false AS delta
FROM workout_block_exercises AS be
WHERE NOT EXISTS (SELECT FROM workout_exercises AS we WHERE we.id = be.id)
UNION ALL
SELECT 'workout_block_exercises', ARRAY['id'], jsonb_build_object('id', be.id) || d.fields, true
FROM workout_block_exercises AS be
JOIN workout_exercises AS we ON we.id = be.id
CROSS JOIN LATERAL legacy_block_exercise(we) AS m
CROSS JOIN LATERAL jsonb_delta(to_jsonb(be) - 'exercise_order', to_jsonb(m)) AS d (fields)
WHERE d.fields <> '{}';
