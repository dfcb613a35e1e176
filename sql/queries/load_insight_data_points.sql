-- Makes the live insight_data_points of the shard's users hold the staged points. A point is immutable, so a row is only
-- added or brought back to life.
WITH revived AS (
    UPDATE insight_data_points AS t SET superseded_at = NULL
    FROM staged_insight_data_points AS s
    WHERE t.id = s.id AND t.superseded_at IS NOT NULL
    RETURNING 1
), added AS (
    INSERT INTO insight_data_points (id, user_id, data_type, measurement_date, entity_id, entity, window_start,
                                     window_end, numeric_value, text_value, unit, n, source_table, source_id,
                                     confidence_score, calculation_method)
    SELECT s.id, s.user_id, s.data_type, s.measurement_date, s.entity_id, s.entity, s.window_start, s.window_end,
           s.numeric_value, s.text_value, s.unit, s.n, s.source_table, s.source_id,
           s.confidence_score, s.calculation_method
    FROM staged_insight_data_points AS s
    WHERE NOT EXISTS (SELECT FROM insight_data_points AS t WHERE t.id = s.id)
    RETURNING 1
)
SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM revived) AS changed
