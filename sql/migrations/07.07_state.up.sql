-- Ours: what the engine remembers of the past, so that a new day costs no history. All of it follows from the sets: who
-- has no row in engine_states, or one of another method, is computed from all sets, and then has one.
-- The tables mirror the frames LiftDays, UserDays, LiftBests and UserStarts, which say what each column means.
-- locks: users SHARE ROW EXCLUSIVE

-- step: users
CREATE TABLE engine_states (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    method integer NOT NULL, -- the version of the rules by which the facts were found
    horizon date NOT NULL, -- facts are kept from this day on; of the days before, engine_lift_bests is left
    closed_through date NOT NULL, -- the closed weeks and months up to this day have their data points
    first_day date -- the first training day before the horizon
);

-- step: facts of lifts and days
CREATE TABLE engine_lift_days (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    exercise_id uuid NOT NULL,
    day date NOT NULL,
    with_body_weight boolean NOT NULL,
    hard_sets integer NOT NULL,
    reps integer NOT NULL,
    volume_ug bigint,
    checked_sets integer NOT NULL,
    doubtful_sets integer NOT NULL,
    effort boolean NOT NULL,
    told boolean NOT NULL,
    heaviest_kg double precision,
    estimated_1rm_kg double precision,
    estimation_method varchar(20),
    sigma double precision,
    base_weight_kg double precision,
    base_reps integer,
    base_rpe double precision,
    reach_kg double precision [] NOT NULL,
    reach_reps integer [] NOT NULL,
    typed_kg double precision [] NOT NULL,
    PRIMARY KEY (user_id, exercise_id, day)
);

-- step: facts of users and days
CREATE TABLE engine_user_days (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day date NOT NULL,
    timed_us bigint NOT NULL,
    timed_volume_ug bigint NOT NULL,
    timed_hard_sets integer NOT NULL,
    PRIMARY KEY (user_id, day)
);

-- step: what surrounded the sessions of a day
CREATE TABLE engine_context_days (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day date NOT NULL,
    sleep_hours double precision,
    sleep_quality double precision,
    stress_level double precision,
    energy_level double precision,
    PRIMARY KEY (user_id, day)
);

-- step: what the days before still decide
CREATE TABLE engine_lift_bests (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    exercise_id uuid NOT NULL,
    with_body_weight boolean NOT NULL,
    before date NOT NULL,
    told boolean NOT NULL,
    heaviest_kg double precision,
    heaviest_day date,
    volume_ug bigint,
    volume_day date,
    volume_days integer NOT NULL,
    estimate_1_kg double precision,
    estimate_1_day date,
    estimate_2_kg double precision,
    estimate_2_day date,
    estimate_3_kg double precision,
    estimate_3_day date,
    light_kg double precision [] NOT NULL,
    light_day date [] NOT NULL,
    front_kg double precision [] NOT NULL,
    front_reps integer [] NOT NULL,
    front_day date [] NOT NULL,
    PRIMARY KEY (user_id, exercise_id, with_body_weight)
);
