-- Plan 4.3: a set as it was done. Each row of exercise_sets becomes one row that keeps its id.
-- Whole rows that do not fit are kept aside. Weights are rounded to the column's scale; NaN fits and is judged later.
-- The totals of a performance are derived; performance_totals() is their one definition. No trigger keeps a total: the
-- backfill fills them, then the night and the import.
-- locks: exercise_sets SHARE ROW EXCLUSIVE, exercise_performances SHARE ROW EXCLUSIVE, set_protocols SHARE ROW EXCLUSIVE

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

-- step: what a set is made of
CREATE FUNCTION legacy_set(s exercise_sets)
RETURNS TABLE (
    id uuid, exercise_performance_id uuid, set_protocol_id uuid, set_number integer, weight_kg numeric,
    reps_completed integer, duration_seconds integer, rpe_value numeric, rpe_scale rpe_scale_enum, set_notes text,
    created_at timestamptz, misfit text
)
LANGUAGE sql STABLE
AS $$
    SELECT
        s.id, derived_id('exercise_performances', s.workout_session_id || '/' || s.workout_exercise_id),
        (
            SELECT p.id FROM set_protocols AS p
            WHERE p.id = derived_id('set_protocols', s.workout_exercise_id || '/' || s.set_number)
        ),
        s.set_number, round(s.weight::numeric, 2), s.reps, s.duration, s.rpe::numeric,
        CASE WHEN s.rpe > 10 THEN 'rpe_20' ELSE 'rpe_10' END::rpe_scale_enum, s.notes, s.created_at,
        CASE
            WHEN s.weight <> 'NaN' AND NOT abs(round(s.weight::numeric, 2)) < 1000000
                THEN 'weight does not fit numeric(8,2)'
            WHEN s.rpe NOT BETWEEN 0 AND 20 THEN 'rpe is on neither the 10 nor the 20 scale'
        END
$$;

-- A finer RPE that a new writer gave stays while it rounds to the legacy one. The link to a protocol is made once.
CREATE FUNCTION sync_set(key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    misfit text;
BEGIN
    PERFORM sync_performance_of_set(key);
    SELECT m.misfit INTO misfit FROM exercise_sets AS s CROSS JOIN LATERAL legacy_set(s) AS m WHERE s.id = key;
    IF NOT FOUND OR misfit IS NOT NULL THEN
        DELETE FROM set_executions AS e WHERE e.id = key;
        PERFORM set_aside('exercise_sets', key, to_jsonb(s), '22003', misfit)
        FROM exercise_sets AS s WHERE s.id = key;
        RETURN;
    END IF;
    INSERT INTO set_executions AS e (
        id, exercise_performance_id, set_protocol_id, set_number, weight_kg, reps_completed, duration_seconds,
        rpe_value, rpe_scale, set_notes, created_at
    )
    SELECT
        m.id, m.exercise_performance_id, m.set_protocol_id, m.set_number, m.weight_kg, m.reps_completed,
        m.duration_seconds, m.rpe_value, m.rpe_scale, m.set_notes, m.created_at
    FROM exercise_sets AS s CROSS JOIN LATERAL legacy_set(s) AS m
    WHERE s.id = key
    ON CONFLICT (id) DO UPDATE SET
        exercise_performance_id = excluded.exercise_performance_id, set_number = excluded.set_number,
        weight_kg = excluded.weight_kg, reps_completed = excluded.reps_completed,
        duration_seconds = excluded.duration_seconds,
        rpe_scale = CASE
            WHEN round(e.rpe_value) IS NOT DISTINCT FROM excluded.rpe_value THEN e.rpe_scale ELSE excluded.rpe_scale
        END,
        rpe_value = CASE
            WHEN round(e.rpe_value) IS NOT DISTINCT FROM excluded.rpe_value THEN e.rpe_value ELSE excluded.rpe_value
        END,
        set_notes = excluded.set_notes
    WHERE (e.exercise_performance_id, e.set_number, e.weight_kg, e.reps_completed, e.duration_seconds,
           round(e.rpe_value), e.set_notes)
        IS DISTINCT FROM (excluded.exercise_performance_id, excluded.set_number, excluded.weight_kg,
           excluded.reps_completed, excluded.duration_seconds, excluded.rpe_value, excluded.set_notes);
END
$$;
REVOKE EXECUTE ON FUNCTION sync_set(uuid) FROM PUBLIC;

-- For a TRUNCATE of exercise_sets: every set that came of them goes.
CREATE FUNCTION forget_sets() RETURNS void
LANGUAGE sql
AS $$
    DELETE FROM set_executions AS e USING exercise_sets AS s WHERE e.id = s.id
$$;
REVOKE EXECUTE ON FUNCTION forget_sets() FROM PUBLIC;

-- step: what the totals of a performance are
-- Work sets are all sets but warm-ups.
--   completed_sets      work sets
--   total_volume_kg     weight x repetitions as typed, of work sets that have both
--   total_reps          repetitions of work sets
--   average_rpe         mean of the RPEs of work sets that have one
--   start_time          the earliest start of any of its sets
--   end_time            the latest end of any of its sets
--   total_rest_seconds  the rests between its sets, each as the set before it tells, else as the set after it tells,
--                       else from the one's end to the other's start
-- A sum that its column cannot hold, as a typing error can make it, stays unknown.
CREATE FUNCTION performance_totals(performance_key uuid)
RETURNS TABLE (
    completed_sets integer, total_volume_kg numeric, total_reps integer, average_rpe numeric, start_time timestamptz,
    end_time timestamptz, total_rest_seconds integer
)
LANGUAGE sql STABLE
AS $$
    SELECT
        t.sets,
        CASE WHEN abs(t.volume_kg) < 9999999999 THEN round(t.volume_kg, 2) END,
        CASE WHEN t.reps BETWEEN -2147483648 AND 2147483647 THEN t.reps::integer END,
        t.rpe, t.started, t.ended,
        CASE WHEN t.rest BETWEEN 0 AND 2147483647 THEN t.rest::integer END
    FROM (
        SELECT
            count(*) FILTER (WHERE s.set_type <> 'warmup')::integer AS sets,
            sum(s.weight_kg * s.reps_completed) FILTER (WHERE s.set_type <> 'warmup') AS volume_kg,
            sum(s.reps_completed::bigint) FILTER (WHERE s.set_type <> 'warmup') AS reps,
            round(avg(s.rpe_value) FILTER (WHERE s.set_type <> 'warmup'), 1) AS rpe,
            min(s.start_time) AS started, max(s.end_time) AS ended,
            sum(coalesce(s.rest_told::numeric, s.rest_before_seconds,
                         trunc(extract(epoch FROM s.start_time - s.end_before)))) FILTER (WHERE s.later) AS rest
        FROM (
            SELECT
                e.*, lag(e.rest_after_seconds) OVER done AS rest_told, lag(e.end_time) OVER done AS end_before,
                row_number() OVER done > 1 AS later
            FROM set_executions AS e
            WHERE e.exercise_performance_id = performance_key
            WINDOW done AS (ORDER BY e.set_number, e.start_time, e.id)
        ) AS s
    ) AS t
$$;

-- step: one trigger makes performance and set
CREATE OR REPLACE TRIGGER insights_sync AFTER INSERT OR UPDATE OR DELETE ON exercise_sets
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') NOT IN ('reverse', 'new'))
EXECUTE FUNCTION sync_legacy('exercise_sets', 'set');
CREATE TRIGGER insights_sync_truncate BEFORE TRUNCATE ON exercise_sets
FOR EACH STATEMENT WHEN (coalesce(current_setting('insights.sync', true), '') NOT IN ('reverse', 'new'))
EXECUTE FUNCTION sync_truncate('exercise_sets', 'set');

-- step: carry over exercise_sets (batches of exercise_sets)
-- What does not fit is kept aside. FOR SHARE, not KEY SHARE: a set that is changed meanwhile to what does not fit has to
-- lose its new row, and a row that is not committed yet cannot be deleted.
WITH mapped AS MATERIALIZED (
    SELECT m.*, CASE WHEN m.misfit IS NOT NULL THEN to_jsonb(s) END AS source_row
    FROM exercise_sets AS s CROSS JOIN LATERAL legacy_set(s) AS m
    WHERE s.id BETWEEN $1 AND $2
    FOR SHARE OF s
), kept_aside AS (
    SELECT set_aside('exercise_sets', m.id, m.source_row, '22003', m.misfit) FROM mapped AS m WHERE m.misfit IS NOT NULL
), made AS (
    INSERT INTO set_executions (
        id, exercise_performance_id, set_protocol_id, set_number, weight_kg, reps_completed, duration_seconds,
        rpe_value, rpe_scale, set_notes, created_at
    )
    SELECT
        m.id, m.exercise_performance_id, m.set_protocol_id, m.set_number, m.weight_kg, m.reps_completed,
        m.duration_seconds, m.rpe_value, m.rpe_scale, m.set_notes, m.created_at
    FROM mapped AS m
    WHERE m.misfit IS NULL
    ON CONFLICT (id) DO NOTHING
)
SELECT count(*) FROM kept_aside;

-- step: derive the totals (batches of exercise_performances)
UPDATE exercise_performances AS p SET
    completed_sets = t.completed_sets, total_volume_kg = t.total_volume_kg, total_reps = t.total_reps,
    average_rpe = t.average_rpe, start_time = t.start_time, end_time = t.end_time,
    total_rest_seconds = t.total_rest_seconds
FROM exercise_performances AS same
CROSS JOIN LATERAL performance_totals(same.id) AS t
WHERE same.id BETWEEN $1 AND $2 AND p.id = same.id
  AND (p.completed_sets, p.total_volume_kg, p.total_reps, p.average_rpe, p.start_time, p.end_time, p.total_rest_seconds)
      IS DISTINCT FROM (t.completed_sets, t.total_volume_kg, t.total_reps, t.average_rpe, t.start_time, t.end_time,
          t.total_rest_seconds);
