-- Plan 3.2: a workout is a row of blocks. Each legacy workout becomes one block that has the workout's id.

-- step: table
CREATE TABLE workout_blocks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workout_id uuid NOT NULL REFERENCES workouts (id) ON DELETE CASCADE,
    block_order integer NOT NULL,
    block_name varchar(100),
    block_type workout_block_type_enum NOT NULL DEFAULT 'straight_sets',
    rest_between_exercises integer, -- seconds
    rounds integer DEFAULT 1,
    round_rest_seconds integer,
    notes text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_workout_blocks_workout ON workout_blocks (workout_id, block_order);

-- step: carry over workouts
INSERT INTO workout_blocks (id, workout_id, block_order, block_name, block_type, created_at)
SELECT id, id, 1, 'Main Block', 'straight_sets', created_at FROM workouts
ON CONFLICT (id) DO NOTHING;
