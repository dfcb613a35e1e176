-- The live facts of users.
SELECT user_id, id, data_type, entity_id, entity, window_start, window_end, measurement_date, numeric_value, text_value,
       unit, n, confidence_score, calculation_method
FROM insight_data_points
WHERE user_id = ANY (%(user_ids)s) AND superseded_at IS NULL
ORDER BY user_id, id
