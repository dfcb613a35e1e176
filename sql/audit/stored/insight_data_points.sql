-- The live rows of insight_data_points of the shard's users.
SELECT t.id, t.user_id, t.data_type, t.measurement_date, t.entity_id, t.entity, t.window_start, t.window_end,
       t.numeric_value, t.text_value, t.json_value::text AS json_value, t.unit, t.n, t.source_table, t.source_id,
       t.confidence_score, t.calculation_method
FROM shard_users AS s
JOIN insight_data_points AS t ON t.user_id = s.user_id
WHERE t.superseded_at IS NULL
