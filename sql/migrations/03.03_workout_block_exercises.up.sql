-- Plan 3.3: the exercises of a block. Each row of workout_exercises becomes one row that keeps its id.
-- Carried over beyond the plan: duration (target_duration_seconds), rest_duration, notes, created_at. rep_scheme: 03.04.

-- step: table
CREATE TABLE workout_block_exercises (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workout_block_id uuid NOT NULL REFERENCES workout_blocks (id) ON DELETE CASCADE,
    exercise_id uuid NOT NULL REFERENCES exercise_catalog (id) ON DELETE CASCADE,
    exercise_order integer NOT NULL,
    target_sets integer,
    target_reps_min integer,
    target_reps_max integer,
    target_weight_kg numeric(8, 2),
    target_rpe numeric(4, 1),
    target_duration_seconds integer,
    rest_after_seconds integer,
    tempo_prescription varchar(20),
    equipment_variant jsonb,
    notes text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_workout_block_exercises_block ON workout_block_exercises (workout_block_id, exercise_order);
CREATE INDEX idx_workout_block_exercises_exercise ON workout_block_exercises (exercise_id);

-- step: carry over workout_exercises
-- The new order has no gaps and no repeats.
INSERT INTO workout_block_exercises (
    id, workout_block_id, exercise_id, exercise_order, target_sets, target_reps_min, target_reps_max,
    target_duration_seconds, rest_after_seconds, notes, created_at
)
SELECT
    we.id, b.id, we.exercise_id,
    row_number() OVER (PARTITION BY we.workout_id ORDER BY we."order", we.created_at, we.id),
    we.sets, we.reps, we.reps, we.duration, we.rest_duration, we.notes, we.created_at
FROM workout_exercises AS we
JOIN workout_blocks AS b ON b.id = we.workout_id
ON CONFLICT (id) DO NOTHING;
