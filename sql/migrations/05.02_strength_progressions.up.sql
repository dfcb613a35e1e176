-- Plan 5.2: the day's estimate of a lift's one-repetition maximum, and the records of that day.
-- The estimate, its method, its confidence and the base set are null together: such a day has no estimate.
-- locks: users SHARE ROW EXCLUSIVE, exercise_catalog SHARE ROW EXCLUSIVE
CREATE TABLE strength_progressions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    exercise_id uuid NOT NULL REFERENCES exercise_catalog (id) ON DELETE CASCADE,
    measurement_date date NOT NULL,
    estimated_1rm_kg numeric(8, 2) CHECK (estimated_1rm_kg <> 'NaN'),
    estimation_method varchar(20),
    confidence_score numeric(3, 2) CHECK (confidence_score BETWEEN 0 AND 1),
    base_weight_kg numeric(8, 2) CHECK (base_weight_kg <> 'NaN'),
    base_reps integer,
    base_rpe numeric(4, 1) CHECK (base_rpe <> 'NaN'),
    volume_pr boolean DEFAULT false,
    weight_pr boolean DEFAULT false,
    reps_pr boolean DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, exercise_id, measurement_date)
);
CREATE INDEX idx_strength_progressions_exercise ON strength_progressions (exercise_id);
