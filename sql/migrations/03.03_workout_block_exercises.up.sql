-- Plan 3.3: the exercises of a block. Each row of workout_exercises becomes one row that keeps its id.
-- Carried over beyond the plan: duration (target_duration_seconds), rest_duration, notes, created_at. rep_scheme: 03.04.
-- locks: exercise_catalog SHARE ROW EXCLUSIVE, workout_exercises SHARE ROW EXCLUSIVE, workout_blocks SHARE ROW EXCLUSIVE
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction -- that step runs without one

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
    created_at timestamptz NOT NULL DEFAULT now(),
    archived_at timestamptz -- no longer offered; kept for what was done of it
);
CREATE INDEX idx_workout_block_exercises_block ON workout_block_exercises (workout_block_id, exercise_order);
CREATE INDEX idx_workout_block_exercises_exercise ON workout_block_exercises (exercise_id);

-- step: exercises of a workout, whose rank is their order (no transaction)
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_workout_exercises_workout ON workout_exercises (workout_id);

-- step: what a block exercise is made of
-- The order is the rank by ("order", created_at, id): no repeats. A trigger ranks the row at hand alone, so that two
-- transactions never wait for each other's rows. An unusual order of changes can leave two with the same number.
CREATE FUNCTION legacy_block_exercise(we workout_exercises)
RETURNS TABLE (
    id uuid, workout_block_id uuid, exercise_id uuid, exercise_order integer, target_sets integer,
    target_reps_min integer, target_reps_max integer, target_duration_seconds integer, rest_after_seconds integer,
    notes text, created_at timestamptz
)
LANGUAGE sql STABLE
AS $$
    SELECT
        we.id, we.workout_id, we.exercise_id,
        (
            SELECT 1 + count(*)::integer FROM workout_exercises AS o
            WHERE o.workout_id = we.workout_id
              AND (coalesce(o."order", 2147483647), o.created_at, o.id)
                  < (coalesce(we."order", 2147483647), we.created_at, we.id)
        ),
        we.sets, we.reps, we.reps, we.duration, we.rest_duration, we.notes, we.created_at
$$;

-- A deleted exercise is archived where something was done of it. A range of repetitions that a new writer gave stays
-- while the legacy number is its lower end.
CREATE FUNCTION sync_block_exercise(key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM migration_quarantine WHERE source_table = 'workout_exercises' AND source_id = key;
    IF NOT EXISTS (SELECT FROM workout_exercises AS we WHERE we.id = key) THEN
        PERFORM remove_block_exercise(key);
        RETURN;
    END IF;
    PERFORM sync_block(we.workout_id)
    FROM workout_exercises AS we
    WHERE we.id = key AND NOT EXISTS (SELECT FROM workout_blocks AS b WHERE b.id = we.workout_id);
    INSERT INTO workout_block_exercises AS be (
        id, workout_block_id, exercise_id, exercise_order, target_sets, target_reps_min, target_reps_max,
        target_duration_seconds, rest_after_seconds, notes, created_at
    )
    SELECT m.* FROM workout_exercises AS we CROSS JOIN LATERAL legacy_block_exercise(we) AS m WHERE we.id = key
    ON CONFLICT (id) DO UPDATE SET
        workout_block_id = excluded.workout_block_id, exercise_id = excluded.exercise_id,
        exercise_order = excluded.exercise_order, target_sets = excluded.target_sets,
        target_reps_max = CASE
            WHEN be.target_reps_min IS NOT DISTINCT FROM excluded.target_reps_min THEN be.target_reps_max
            ELSE excluded.target_reps_max
        END,
        target_reps_min = excluded.target_reps_min, target_duration_seconds = excluded.target_duration_seconds,
        rest_after_seconds = excluded.rest_after_seconds, notes = excluded.notes, archived_at = NULL
    WHERE (be.workout_block_id, be.exercise_id, be.exercise_order, be.target_sets, be.target_reps_min,
           be.target_duration_seconds, be.rest_after_seconds, be.notes, be.archived_at)
        IS DISTINCT FROM (excluded.workout_block_id, excluded.exercise_id, excluded.exercise_order,
           excluded.target_sets, excluded.target_reps_min, excluded.target_duration_seconds,
           excluded.rest_after_seconds, excluded.notes, NULL::timestamptz);
END
$$;
REVOKE EXECUTE ON FUNCTION sync_block_exercise(uuid) FROM PUBLIC;

CREATE FUNCTION remove_block_exercise(key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF to_regclass('exercise_performances') IS NOT NULL THEN
        PERFORM remove_empty_performances(key);
    END IF;
    DELETE FROM workout_block_exercises AS be WHERE be.id = key;
EXCEPTION WHEN restrict_violation OR foreign_key_violation THEN
    UPDATE workout_block_exercises AS be SET archived_at = now() WHERE be.id = key AND be.archived_at IS NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION remove_block_exercise(uuid) FROM PUBLIC;

-- step: keep them in step
CREATE TRIGGER insights_sync AFTER INSERT OR UPDATE OR DELETE ON workout_exercises
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') NOT IN ('reverse', 'new'))
EXECUTE FUNCTION sync_legacy('workout_exercises', 'block_exercise');

-- step: carry over workout_exercises (batches of workout_exercises)
INSERT INTO workout_block_exercises (
    id, workout_block_id, exercise_id, exercise_order, target_sets, target_reps_min, target_reps_max,
    target_duration_seconds, rest_after_seconds, notes, created_at
)
SELECT m.* FROM workout_exercises AS we CROSS JOIN LATERAL legacy_block_exercise(we) AS m
WHERE we.id BETWEEN $1 AND $2
FOR KEY SHARE OF we
ON CONFLICT (id) DO NOTHING;
