-- Ours: the record of analytics runs, and the ledger of wanted insights.
-- locks: users SHARE ROW EXCLUSIVE
CREATE TABLE analytics_runs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job varchar(40) NOT NULL,
    as_of date NOT NULL, -- the last day of all; each shard has its own
    parameters jsonb,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    status varchar(12) NOT NULL CHECK (status IN ('running', 'done', 'failed')),
    resumed integer NOT NULL DEFAULT 0, -- how often it was taken up again after it had been killed or had failed
    users integer,
    sets bigint,
    verdict_counts jsonb,
    failed_users integer,
    error text
);
CREATE INDEX idx_analytics_runs_started ON analytics_runs (started_at);

CREATE TABLE analytics_shards (
    run_id uuid NOT NULL REFERENCES analytics_runs (id) ON DELETE CASCADE,
    shard integer NOT NULL,
    as_of date NOT NULL,
    user_ids uuid[], -- null once the run is done: what it needed them for is over
    planned_sets bigint NOT NULL DEFAULT 0, -- estimated
    status varchar(12) NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'done', 'dead')),
    attempts integer NOT NULL DEFAULT 0, -- starts since the run began or was taken up again
    users integer,
    sets bigint,
    rows_written jsonb,
    verdicts jsonb,
    finished_at timestamptz,
    error text,
    PRIMARY KEY (run_id, shard)
);

CREATE TABLE analytics_failures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES analytics_runs (id) ON DELETE CASCADE,
    user_id uuid, -- no foreign key: the record outlives the user
    stage varchar(40),
    reason text,
    at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_analytics_failures_run ON analytics_failures (run_id);

CREATE TABLE insight_ledger (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    insight_key varchar(160) NOT NULL,
    input_hash varchar(64) NOT NULL,
    prompt_hash varchar(64),
    model varchar(120), -- null: the rule narrator
    state varchar(12) NOT NULL CHECK (state IN (
        'pending', 'rendered', 'submitted', 'received', 'verified', 'written', 'fallback', 'dead'
    )),
    attempts integer NOT NULL DEFAULT 0,
    outcome varchar(30),
    reasons jsonb,
    request_id text,
    prompt_tokens integer,
    completion_tokens integer,
    prompt text,
    raw_answer text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (user_id, insight_key, input_hash, prompt_hash, model)
);
CREATE INDEX idx_insight_ledger_open ON insight_ledger (created_at)
WHERE state NOT IN ('written', 'fallback', 'dead');
