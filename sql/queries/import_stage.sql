-- The temporary tables that an import is copied into, empty. They go with the transaction.
CREATE TEMPORARY TABLE IF NOT EXISTS import_sessions (
    session_id uuid PRIMARY KEY,
    workout_id uuid NOT NULL,
    title text NOT NULL,
    start_time timestamptz NOT NULL,
    end_time timestamptz,
    notes text
) ON COMMIT DROP;

CREATE TEMPORARY TABLE IF NOT EXISTS import_performances (
    performance_id uuid PRIMARY KEY,
    session_id uuid NOT NULL,
    workout_id uuid NOT NULL,
    block_id uuid NOT NULL,
    block_exercise_id uuid NOT NULL,
    exercise_id uuid NOT NULL,
    position integer NOT NULL, -- of the exercise in its session
    notes text
) ON COMMIT DROP;

CREATE TEMPORARY TABLE IF NOT EXISTS import_sets (
    set_id uuid PRIMARY KEY,
    performance_id uuid NOT NULL,
    source_key text NOT NULL,
    set_number integer NOT NULL,
    set_type text NOT NULL,
    source_set_type text,
    weight_kg double precision,
    reps integer,
    duration_s integer,
    rpe double precision,
    notes text,
    raw text NOT NULL
) ON COMMIT DROP;

CREATE TEMPORARY TABLE IF NOT EXISTS import_touched (
    id uuid PRIMARY KEY, -- of a set, a session or a block exercise that was written
    added boolean NOT NULL
) ON COMMIT DROP;

TRUNCATE import_sessions, import_performances, import_sets, import_touched;
