-- Sets that are more than what exercise_sets holds. The link to a protocol is derived where they have a legacy row.
SELECT 'set_executions' AS table_name, ARRAY['id'] AS key, to_jsonb(e) AS row, false AS delta
FROM set_executions AS e
WHERE NOT EXISTS (SELECT FROM exercise_sets AS s WHERE s.id = e.id)
UNION ALL
SELECT 'set_executions', ARRAY['id'], jsonb_build_object('id', e.id) || d.fields, true
FROM set_executions AS e
JOIN exercise_sets AS s ON s.id = e.id
CROSS JOIN LATERAL legacy_set(s) AS m
CROSS JOIN LATERAL jsonb_delta(
    to_jsonb(e) - ARRAY['set_protocol_id', 'source_set_type'],
    to_jsonb(m) || jsonb_build_object(
        'set_type', 'working', 'rom_quality', 'full', 'partial_reps', 0, 'assisted_reps', 0
    )
) AS d (fields)
WHERE d.fields <> '{}';
