-- Plan 4.3: a set as it was done. Each row of exercise_sets becomes one row that keeps its id.
-- Whole rows that do not fit are kept aside. Weights are rounded to the column's scale; NaN fits and is judged later.

-- step: table
CREATE TABLE set_executions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    exercise_performance_id uuid NOT NULL REFERENCES exercise_performances (id) ON DELETE CASCADE,
    set_protocol_id uuid REFERENCES set_protocols (id) ON DELETE SET NULL, -- a changed plan leaves the set alone
    set_number integer NOT NULL,
    set_type set_type_enum NOT NULL DEFAULT 'working',

    -- basic (all tiers)
    weight_kg numeric(8, 2),
    reps_completed integer,
    reps_attempted integer,
    duration_seconds integer,

    -- plus and pro
    rpe_value numeric(4, 1),
    rpe_scale rpe_scale_enum DEFAULT 'rpe_10',
    rom_quality rom_quality_enum DEFAULT 'full',

    -- pro
    eccentric_seconds numeric(4, 2),
    pause_seconds numeric(4, 2),
    concentric_seconds numeric(4, 2),
    partial_reps integer DEFAULT 0,
    assisted_reps integer DEFAULT 0,
    range_of_motion_degrees integer,

    -- context
    rest_before_seconds integer,
    rest_after_seconds integer,
    equipment_modifications jsonb,
    technique_breakdown_rep integer,
    pain_level integer CHECK (pain_level BETWEEN 0 AND 10),
    start_time timestamptz,
    end_time timestamptz,
    set_notes text,

    created_at timestamptz NOT NULL DEFAULT now()
);
-- 6.2 of the plan, on the empty table
CREATE INDEX idx_set_executions_performance ON set_executions (exercise_performance_id, set_number);
CREATE INDEX idx_set_executions_protocol ON set_executions (set_protocol_id) WHERE set_protocol_id IS NOT NULL;

-- step: carry over exercise_sets
-- What does not fit is kept aside.
WITH judged AS (
    SELECT s.*, CASE
        WHEN s.weight <> 'NaN' AND NOT abs(round(s.weight::numeric, 2)) < 1000000
            THEN 'weight does not fit numeric(8,2)'
        WHEN s.rpe NOT BETWEEN 0 AND 20 THEN 'rpe is on neither the 10 nor the 20 scale'
    END AS reason
    FROM exercise_sets AS s
), kept_aside AS (
    INSERT INTO migration_quarantine (source_table, source_id, raw, sqlstate, reason)
    SELECT 'exercise_sets', j.id, to_jsonb(j) - 'reason', '22003', j.reason FROM judged AS j WHERE j.reason IS NOT NULL
    ON CONFLICT (source_table, source_id, reason) DO NOTHING
)
INSERT INTO set_executions (
    id, exercise_performance_id, set_protocol_id, set_number, weight_kg, reps_completed, duration_seconds,
    rpe_value, rpe_scale, set_notes, created_at
)
SELECT
    j.id, p.id, sp.id, j.set_number, round(j.weight::numeric, 2), j.reps, j.duration,
    j.rpe, CASE WHEN j.rpe > 10 THEN 'rpe_20' ELSE 'rpe_10' END::rpe_scale_enum, j.notes, j.created_at
FROM judged AS j
JOIN exercise_performances AS p
    ON p.id = derived_id('exercise_performances', j.workout_session_id || '/' || j.workout_exercise_id)
LEFT JOIN set_protocols AS sp ON sp.id = derived_id('set_protocols', j.workout_exercise_id || '/' || j.set_number)
WHERE j.reason IS NULL
ON CONFLICT (id) DO NOTHING;
