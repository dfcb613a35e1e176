-- Plan 4.2: an exercise as it was done in a session. One row for each session and workout exercise that has sets.
-- A block exercise with history cannot be deleted (RESTRICT, not the plan's CASCADE): history outlives its template.

-- step: table
CREATE TABLE exercise_performances (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workout_session_id uuid NOT NULL REFERENCES workout_sessions (id) ON DELETE CASCADE,
    workout_block_exercise_id uuid NOT NULL REFERENCES workout_block_exercises (id) ON DELETE RESTRICT,
    performance_order integer NOT NULL,
    planned_sets integer,
    completed_sets integer,
    total_volume_kg numeric(12, 2),
    total_reps integer,
    average_rpe numeric(4, 1),
    start_time timestamptz,
    end_time timestamptz,
    total_rest_seconds integer,
    performance_notes text,
    technique_quality integer CHECK (technique_quality BETWEEN 1 AND 5),
    created_at timestamptz NOT NULL DEFAULT now()
);
-- 6.2 of the plan, on the empty table
CREATE INDEX idx_exercise_performances_session ON exercise_performances (workout_session_id, performance_order);
CREATE INDEX idx_exercise_performances_block_exercise ON exercise_performances (workout_block_exercise_id);

-- step: carry over pairs of session and workout exercise
-- A set of another workout's exercise has its place too.
INSERT INTO exercise_performances (
    id, workout_session_id, workout_block_exercise_id, performance_order, planned_sets, created_at
)
SELECT
    derived_id('exercise_performances', pair.workout_session_id || '/' || we.id), pair.workout_session_id, we.id,
    row_number() OVER (PARTITION BY pair.workout_session_id ORDER BY we."order", we.created_at, we.id),
    we.sets, ws.created_at
FROM (SELECT DISTINCT workout_session_id, workout_exercise_id FROM exercise_sets) AS pair
JOIN workout_sessions AS ws ON ws.id = pair.workout_session_id
JOIN workout_exercises AS we ON we.id = pair.workout_exercise_id
JOIN workout_block_exercises AS be ON be.id = we.id
ON CONFLICT (id) DO NOTHING;
