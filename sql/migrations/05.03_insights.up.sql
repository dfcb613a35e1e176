-- Plan 5.3: the facts that insights may cite, and the insights.
-- locks: users SHARE ROW EXCLUSIVE
CREATE TABLE insight_data_points (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    data_type varchar(50) NOT NULL,
    measurement_date date NOT NULL,
    numeric_value numeric(16, 4) CHECK (numeric_value <> 'NaN'), -- a year's tonnage passes the plan's 999,999.9999
    text_value text,
    json_value jsonb,
    source_table varchar(50),
    source_id uuid,
    confidence_score numeric(3, 2) CHECK (confidence_score BETWEEN 0 AND 1),
    calculation_method varchar(50),
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE user_insights (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    insight_type varchar(50) NOT NULL,
    insight_category varchar(30),
    title varchar(200) NOT NULL,
    description text NOT NULL,
    confidence_score numeric(3, 2) NOT NULL CHECK (confidence_score BETWEEN 0 AND 1),
    recommendations jsonb,
    supporting_data_ids uuid[],
    chart_data jsonb,
    is_read boolean DEFAULT false,
    is_dismissed boolean DEFAULT false,
    user_feedback integer,
    valid_until date,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_user_insights_user ON user_insights (user_id, created_at);
