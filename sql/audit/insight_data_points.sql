-- The live rows of insight_data_points as they should be stored. The id hashes the rounded value. What the
-- column cannot hold is no fact.
WITH points AS (
    SELECT * FROM points_periods
    UNION ALL BY NAME SELECT * FROM points_usual
    UNION ALL BY NAME SELECT * FROM points_consistency
    UNION ALL BY NAME SELECT * FROM points_balance
    UNION ALL BY NAME SELECT * FROM points_levels
    UNION ALL BY NAME SELECT * FROM points_records
    UNION ALL BY NAME SELECT * FROM points_trends
    UNION ALL BY NAME SELECT * FROM points_deload
    UNION ALL BY NAME SELECT * FROM points_load
    UNION ALL BY NAME SELECT * FROM points_correlations
), rounded AS (
    SELECT * REPLACE (
               coalesce(measurement_date, window_end) AS measurement_date,
               CAST(digits(numeric_value) AS DECIMAL(16, 4)) AS numeric_value,
               CAST(digits(confidence_score) AS DECIMAL(3, 2)) AS confidence_score
           )
    FROM points
    WHERE abs(numeric_value) < 1e12 OR text_value IS NOT NULL
)
SELECT row_id('insight_data_points', p.user_id, p.measurement_date, [
           text_word(p.data_type), high_word(p.entity_id), low_word(p.entity_id), text_word(p.entity),
           day_word(p.window_start), day_word(p.window_end),
           whole_word(CAST(p.numeric_value * 10000 AS BIGINT)), text_word(p.text_value), whole_word(p.n),
           whole_word(CAST(p.confidence_score * 100 AS BIGINT)), text_word(p.calculation_method)
       ]) AS id,
       p.user_id, p.data_type, p.measurement_date, p.entity_id, p.entity, p.window_start, p.window_end,
       p.numeric_value, p.text_value, NULL::VARCHAR AS json_value, t.unit, CAST(p.n AS INTEGER) AS n, t.source_table,
       p.source_id, p.confidence_score, p.calculation_method
FROM rounded AS p
JOIN data_types AS t USING (data_type)
