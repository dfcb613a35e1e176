-- Ours: what a fact is about and whether it still stands, and where each insight's words came from.
-- A data point is immutable: a changed value is a new row, and the old one is superseded.
-- locks: insight_data_points ACCESS EXCLUSIVE, user_insights ACCESS EXCLUSIVE
-- squawk-ignore-file constraint-missing-not-valid -- the checks are validated in a step, so a transaction, of their own
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction -- these steps run without one

-- step: data points
ALTER TABLE insight_data_points
    ADD COLUMN entity_id uuid, -- the lift; no foreign key, for a fact outlives its lift
    ADD COLUMN entity varchar(60), -- the muscle or movement
    ADD COLUMN window_start date,
    ADD COLUMN window_end date,
    ADD COLUMN unit varchar(20),
    ADD COLUMN n integer,
    ADD COLUMN superseded_at timestamptz;

-- step: insights
ALTER TABLE user_insights
    ADD COLUMN insight_key varchar(160),
    ADD COLUMN period_start date,
    ADD COLUMN period_end date,
    ADD COLUMN input_hash varchar(64),
    ADD COLUMN prompt_hash varchar(64),
    ADD COLUMN prompt_version varchar(80),
    ADD COLUMN generator varchar(10),
    ADD COLUMN grade varchar(10),
    ADD COLUMN model varchar(120),
    ADD COLUMN locale varchar(10),
    ADD COLUMN units varchar(2),
    ADD COLUMN spans jsonb,
    ADD COLUMN claims jsonb,
    ADD COLUMN salience numeric(4, 3),
    ADD COLUMN supersedes uuid,
    ADD COLUMN superseded_at timestamptz,
    ADD COLUMN stale boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT user_insights_generator_check CHECK (generator IN ('rules', 'llm')) NOT VALID,
    ADD CONSTRAINT user_insights_grade_check CHECK (grade IN ('proved', 'checked')) NOT VALID,
    ADD CONSTRAINT user_insights_salience_check CHECK (salience BETWEEN 0 AND 1) NOT VALID;

-- step: check the stored rows
ALTER TABLE user_insights VALIDATE CONSTRAINT user_insights_generator_check;
ALTER TABLE user_insights VALIDATE CONSTRAINT user_insights_grade_check;
ALTER TABLE user_insights VALIDATE CONSTRAINT user_insights_salience_check;

-- step: live data points (no transaction)
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_insight_data_points_live
ON insight_data_points (user_id, data_type) WHERE superseded_at IS NULL;

-- step: one live insight a key (no transaction)
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS user_insights_live_key
ON user_insights (user_id, insight_key) WHERE superseded_at IS NULL;

-- step: insights that cite a data point (no transaction)
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_user_insights_supporting_data
ON user_insights USING gin (supporting_data_ids);
