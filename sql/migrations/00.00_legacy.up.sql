-- The legacy workout schema: what an app's database looks like before the first migration.
-- Runs on an empty database only; an app's own database already has these tables.
-- squawk-ignore-file prefer-timestamp-tz -- the legacy tables are as they are; 01.01 mends them

-- step: refuse a database that already has them
DO $$
BEGIN
    IF to_regclass('public.users') IS NOT NULL OR to_regclass('public.workouts') IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_table',
            MESSAGE = 'this database already has tables of its own (users, workouts), and no migration is recorded in it',
            HINT = 'Name an empty database; nothing was changed in this one.';
    END IF;
END
$$;

-- step: users and billing
CREATE TABLE users (
    id uuid PRIMARY KEY,
    email varchar NOT NULL,
    username varchar NOT NULL,
    hashed_password varchar,
    full_name varchar,
    is_active boolean NOT NULL DEFAULT true,
    is_superuser boolean NOT NULL DEFAULT false,
    height integer, -- cm
    weight integer, -- kg
    date_of_birth varchar,
    fitness_goal varchar,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    tz varchar,
    units varchar,
    locale varchar
);
CREATE UNIQUE INDEX ix_users_email ON users (email);
CREATE UNIQUE INDEX ix_users_username ON users (username);

CREATE TABLE plans (
    id uuid PRIMARY KEY,
    name varchar NOT NULL,
    type varchar NOT NULL, -- free, plus, pro
    description varchar,
    price integer, -- cents
    stripe_price_id varchar,
    features json,
    created_at timestamp NOT NULL DEFAULT now(),
    updated_at timestamp NOT NULL DEFAULT now()
);

CREATE TABLE subscriptions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    plan_id uuid NOT NULL REFERENCES plans (id),
    stripe_subscription_id varchar,
    stripe_customer_id varchar,
    is_active boolean NOT NULL DEFAULT true,
    current_period_start timestamp,
    current_period_end timestamp,
    cancel_at_period_end boolean NOT NULL DEFAULT false,
    created_at timestamp NOT NULL DEFAULT now(),
    updated_at timestamp NOT NULL DEFAULT now()
);

-- step: exercises
CREATE TYPE exercise_difficulty AS ENUM ('beginner', 'intermediate', 'advanced', 'expert');
CREATE TYPE exercise_mechanics AS ENUM ('compound', 'isolation');

CREATE TABLE exercise_categories (
    id uuid PRIMARY KEY,
    name varchar NOT NULL UNIQUE,
    description varchar,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE muscle_groups (
    id uuid PRIMARY KEY,
    name varchar NOT NULL UNIQUE,
    description varchar,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE equipment (
    id uuid PRIMARY KEY,
    name varchar NOT NULL UNIQUE,
    description varchar,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE movement_patterns (
    id uuid PRIMARY KEY,
    name varchar NOT NULL UNIQUE,
    description varchar,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE exercise_catalog (
    id uuid PRIMARY KEY,
    name varchar NOT NULL,
    description text,
    instructions text,
    difficulty exercise_difficulty,
    is_custom boolean NOT NULL DEFAULT false,
    created_by_id uuid REFERENCES users (id),
    category_id uuid NOT NULL REFERENCES exercise_categories (id),
    video_url varchar,
    image_urls varchar[],
    mechanics exercise_mechanics,
    unilateral boolean NOT NULL DEFAULT false,
    default_tempo varchar,
    is_bodyweight boolean NOT NULL DEFAULT false,
    supports_gps boolean NOT NULL DEFAULT false,
    supports_pool boolean NOT NULL DEFAULT false,
    supports_hr boolean NOT NULL DEFAULT false,
    cadence_metric varchar,
    notes text[],
    default_sport_profile varchar,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE exercise_muscle_groups (
    exercise_id uuid NOT NULL REFERENCES exercise_catalog (id),
    muscle_group_id uuid NOT NULL REFERENCES muscle_groups (id),
    PRIMARY KEY (exercise_id, muscle_group_id)
);
CREATE TABLE exercise_equipment (
    exercise_id uuid NOT NULL REFERENCES exercise_catalog (id),
    equipment_id uuid NOT NULL REFERENCES equipment (id),
    PRIMARY KEY (exercise_id, equipment_id)
);
CREATE TABLE exercise_movement_patterns (
    exercise_id uuid NOT NULL REFERENCES exercise_catalog (id),
    movement_pattern_id uuid NOT NULL REFERENCES movement_patterns (id),
    PRIMARY KEY (exercise_id, movement_pattern_id)
);

-- step: workouts
CREATE TYPE workout_difficulty AS ENUM ('BEGINNER', 'INTERMEDIATE', 'ADVANCED');
CREATE TYPE workout_session_status AS ENUM ('NOT_STARTED', 'IN_PROGRESS', 'COMPLETED', 'ABANDONED');

CREATE TABLE workouts (
    id uuid PRIMARY KEY,
    name varchar NOT NULL,
    description text,
    difficulty workout_difficulty,
    estimated_duration integer,
    calories_burn_estimate integer,
    is_public boolean NOT NULL DEFAULT false,
    is_template boolean NOT NULL DEFAULT false,
    created_by_id uuid NOT NULL REFERENCES users (id), -- the owner
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE workout_exercises (
    id uuid PRIMARY KEY,
    workout_id uuid NOT NULL REFERENCES workouts (id),
    exercise_id uuid NOT NULL REFERENCES exercise_catalog (id),
    "order" integer,
    sets integer,
    reps integer,
    duration integer, -- seconds
    rest_duration integer, -- seconds
    notes text,
    rep_scheme jsonb, -- {"1": 12, "2": 10}: the repetitions of each set
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE workout_sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    workout_id uuid NOT NULL REFERENCES workouts (id),
    start_time timestamptz,
    end_time timestamptz,
    status workout_session_status NOT NULL,
    notes text,
    total_duration integer,
    calories_burned integer,
    mood_rating integer,
    difficulty_rating integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE exercise_sets (
    id uuid PRIMARY KEY,
    workout_session_id uuid NOT NULL REFERENCES workout_sessions (id),
    workout_exercise_id uuid NOT NULL REFERENCES workout_exercises (id),
    set_number integer NOT NULL,
    reps integer,
    weight double precision, -- kg
    duration integer, -- seconds
    rpe integer,
    notes text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
