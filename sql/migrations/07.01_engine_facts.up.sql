-- Ours: facts that the science needs and the plan has no place for.
-- locks: exercise_catalog SHARE ROW EXCLUSIVE, users SHARE ROW EXCLUSIVE, set_executions ACCESS EXCLUSIVE, user_preferences ACCESS EXCLUSIVE

-- step: tables
CREATE TABLE user_body_weights (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    measured_on date NOT NULL,
    weight_kg numeric(6, 2) NOT NULL CHECK (weight_kg > 0 AND weight_kg < 700),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, measured_on)
);

-- How a lift carries its load, and what kind of work it is.
CREATE TABLE exercise_traits (
    exercise_id uuid PRIMARY KEY REFERENCES exercise_catalog (id) ON DELETE CASCADE,
    load_kind varchar(12) NOT NULL CHECK (load_kind IN ('free', 'machine', 'bodyweight', 'assisted', 'band')),
    modality varchar(10) NOT NULL CHECK (modality IN ('strength', 'timed', 'cardio', 'mobility')),
    bodyweight_share numeric(3, 2) CHECK (bodyweight_share > 0 AND bodyweight_share <= 1.5),
    is_deadlift boolean NOT NULL DEFAULT false
);

-- step: the imported log's own word for a set, such as "failure"
ALTER TABLE set_executions ADD COLUMN source_set_type varchar(20);

-- step: consent to have facts worded by a language model
ALTER TABLE user_preferences ADD COLUMN llm_processing boolean NOT NULL DEFAULT false;
