-- Drops our columns of insights and data points, and the indexes with them.
-- locks: user_insights ACCESS EXCLUSIVE, insight_data_points ACCESS EXCLUSIVE

-- step: insights that cite a data point (no transaction)
DROP INDEX CONCURRENTLY IF EXISTS idx_user_insights_supporting_data;

-- step: one live insight a key (no transaction)
DROP INDEX CONCURRENTLY IF EXISTS user_insights_live_key;

-- step: live data points (no transaction)
DROP INDEX CONCURRENTLY IF EXISTS idx_insight_data_points_live;

-- step: insights
ALTER TABLE user_insights
    DROP CONSTRAINT user_insights_generator_check,
    DROP CONSTRAINT user_insights_grade_check,
    DROP CONSTRAINT user_insights_salience_check,
    DROP COLUMN insight_key,
    DROP COLUMN period_start,
    DROP COLUMN period_end,
    DROP COLUMN input_hash,
    DROP COLUMN prompt_hash,
    DROP COLUMN prompt_version,
    DROP COLUMN generator,
    DROP COLUMN grade,
    DROP COLUMN model,
    DROP COLUMN locale,
    DROP COLUMN units,
    DROP COLUMN spans,
    DROP COLUMN claims,
    DROP COLUMN salience,
    DROP COLUMN supersedes,
    DROP COLUMN superseded_at,
    DROP COLUMN stale;

-- step: data points
ALTER TABLE insight_data_points
    DROP COLUMN entity_id,
    DROP COLUMN entity,
    DROP COLUMN window_start,
    DROP COLUMN window_end,
    DROP COLUMN unit,
    DROP COLUMN n,
    DROP COLUMN superseded_at;
