-- Protocols that are more than what a rep_scheme holds.
SELECT 'set_protocols' AS table_name, ARRAY['id'] AS key,
    CASE WHEN m.id IS NULL THEN to_jsonb(p) ELSE jsonb_build_object('id', p.id) || d.fields END AS row,
    m.id IS NOT NULL AS delta
FROM set_protocols AS p
LEFT JOIN workout_exercises AS we ON we.id = p.workout_block_exercise_id
LEFT JOIN LATERAL legacy_set_protocols(we) AS m ON m.id = p.id
CROSS JOIN LATERAL jsonb_delta(to_jsonb(p), to_jsonb(m)) AS d (fields)
WHERE m.id IS NULL OR d.fields <> '{}';
