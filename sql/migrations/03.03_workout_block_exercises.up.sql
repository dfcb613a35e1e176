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
-- The order is the rank by ("order", created_at, id): no repeats.
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

-- The exercises of a block whose order is not as the legacy tables say, and the order that they say.
CREATE FUNCTION block_orders(block uuid) RETURNS TABLE (id uuid, exercise_order integer)
LANGUAGE sql STABLE
AS $$
    SELECT ranked.id, ranked.rank
    FROM (
        SELECT
            be.id, be.exercise_order,
            row_number() OVER (ORDER BY coalesce(we."order", 2147483647), we.created_at, we.id)::integer AS rank
        FROM workout_block_exercises AS be JOIN workout_exercises AS we ON we.id = be.id
        WHERE be.workout_block_id = block AND be.archived_at IS NULL
    ) AS ranked
    WHERE ranked.exercise_order <> ranked.rank
$$;

-- Puts a block in order: one exercise that moves changes the rank of others. It waits for nobody, so that two
-- transactions that change the same workout never wait for each other's rows: who finds the block or one of its rows
-- taken keeps the exercise aside as found locked, and a retry puts the block in order.
CREATE FUNCTION order_block(block uuid, at_hand uuid) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    reason CONSTANT text := 'its place in the workout is open: another transaction changes the workout too';
BEGIN
    PERFORM FROM workout_blocks AS b WHERE b.id = block FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        PERFORM set_aside('workout_exercises', we.id, to_jsonb(we), '55P03', reason)
        FROM workout_exercises AS we WHERE we.id = at_hand;
    ELSIF EXISTS (SELECT FROM block_orders(block)) THEN
        UPDATE workout_block_exercises AS be SET exercise_order = o.exercise_order
        FROM block_orders(block) AS o
        WHERE be.id = o.id AND be.id IN (
            SELECT free.id FROM workout_block_exercises AS free
            WHERE free.workout_block_id = block
            FOR NO KEY UPDATE SKIP LOCKED
        );
        PERFORM set_aside('workout_exercises', we.id, to_jsonb(we), '55P03', reason)
        FROM block_orders(block) AS o JOIN workout_exercises AS we ON we.id = o.id;
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION order_block(uuid, uuid) FROM PUBLIC;

-- A deleted exercise is archived where something was done of it. A range of repetitions that a new writer gave stays
-- while the legacy number is its lower end, and so does the block that a new writer put the exercise into.
CREATE FUNCTION sync_block_exercise(key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    block_before uuid;
    block uuid;
BEGIN
    DELETE FROM migration_quarantine WHERE source_table = 'workout_exercises' AND source_id = key;
    SELECT be.workout_block_id INTO block_before
    FROM workout_block_exercises AS be WHERE be.id = key AND be.archived_at IS NULL;
    IF NOT EXISTS (SELECT FROM workout_exercises AS we WHERE we.id = key) THEN
        PERFORM remove_block_exercise(key);
        PERFORM order_block(block_before, key);
        RETURN;
    END IF;
    SELECT coalesce(b.id, we.workout_id) INTO block
    FROM workout_exercises AS we
    LEFT JOIN workout_block_exercises AS be ON be.id = we.id
    LEFT JOIN workout_blocks AS b ON b.id = be.workout_block_id AND b.workout_id = we.workout_id
    WHERE we.id = key;
    PERFORM sync_block(we.workout_id)
    FROM workout_exercises AS we
    WHERE we.id = key AND NOT EXISTS (SELECT FROM workout_blocks AS b WHERE b.id = we.workout_id);
    INSERT INTO workout_block_exercises AS be (
        id, workout_block_id, exercise_id, exercise_order, target_sets, target_reps_min, target_reps_max,
        target_duration_seconds, rest_after_seconds, notes, created_at
    )
    SELECT
        m.id, block, m.exercise_id, m.exercise_order, m.target_sets, m.target_reps_min, m.target_reps_max,
        m.target_duration_seconds, m.rest_after_seconds, m.notes, m.created_at
    FROM workout_exercises AS we CROSS JOIN LATERAL legacy_block_exercise(we) AS m
    WHERE we.id = key
    ON CONFLICT (id) DO UPDATE SET
        workout_block_id = excluded.workout_block_id, exercise_id = excluded.exercise_id,
        target_sets = excluded.target_sets,
        target_reps_max = CASE
            WHEN be.target_reps_min IS NOT DISTINCT FROM excluded.target_reps_min THEN be.target_reps_max
            ELSE excluded.target_reps_max
        END,
        target_reps_min = excluded.target_reps_min, target_duration_seconds = excluded.target_duration_seconds,
        rest_after_seconds = excluded.rest_after_seconds, notes = excluded.notes, archived_at = NULL
    WHERE (be.workout_block_id, be.exercise_id, be.target_sets, be.target_reps_min, be.target_duration_seconds,
           be.rest_after_seconds, be.notes, be.archived_at)
        IS DISTINCT FROM (excluded.workout_block_id, excluded.exercise_id, excluded.target_sets,
           excluded.target_reps_min, excluded.target_duration_seconds, excluded.rest_after_seconds, excluded.notes,
           NULL::timestamptz);
    IF block_before IS DISTINCT FROM block OR EXISTS (SELECT FROM block_orders(block)) THEN
        PERFORM order_block(block, key);
    END IF;
    IF block_before <> block THEN
        PERFORM order_block(block_before, key);
    END IF;
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

-- For a TRUNCATE of workout_exercises. Before it, all are archived. After it, when the sets that were truncated with it
-- are gone too, those go that nothing was ever done of; what this transaction archived is known by its time.
CREATE FUNCTION forget_block_exercises(truncated boolean) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT truncated THEN
        UPDATE workout_block_exercises AS be SET archived_at = now()
        FROM workout_exercises AS we WHERE be.id = we.id AND be.archived_at IS NULL;
    ELSIF to_regclass('exercise_performances') IS NULL THEN
        DELETE FROM workout_block_exercises AS be WHERE be.archived_at = now();
    ELSE
        PERFORM remove_empty_performances(be.id) FROM workout_block_exercises AS be WHERE be.archived_at = now();
        DELETE FROM workout_block_exercises AS be
        WHERE be.archived_at = now()
          AND NOT EXISTS (SELECT FROM exercise_performances AS p WHERE p.workout_block_exercise_id = be.id);
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION forget_block_exercises(boolean) FROM PUBLIC;

-- step: keep them in step
CREATE TRIGGER insights_sync AFTER INSERT OR UPDATE OR DELETE ON workout_exercises
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') NOT IN ('reverse', 'new'))
EXECUTE FUNCTION sync_legacy('workout_exercises', 'block_exercise');
CREATE TRIGGER insights_sync_truncate BEFORE TRUNCATE ON workout_exercises
FOR EACH STATEMENT WHEN (coalesce(current_setting('insights.sync', true), '') NOT IN ('reverse', 'new'))
EXECUTE FUNCTION sync_truncate('workout_exercises', 'block_exercise');
CREATE TRIGGER insights_sync_truncated AFTER TRUNCATE ON workout_exercises
FOR EACH STATEMENT WHEN (coalesce(current_setting('insights.sync', true), '') NOT IN ('reverse', 'new'))
EXECUTE FUNCTION sync_truncate('workout_exercises', 'block_exercise');

-- step: carry over workout_exercises (batches of workout_exercises)
INSERT INTO workout_block_exercises (
    id, workout_block_id, exercise_id, exercise_order, target_sets, target_reps_min, target_reps_max,
    target_duration_seconds, rest_after_seconds, notes, created_at
)
SELECT m.* FROM workout_exercises AS we CROSS JOIN LATERAL legacy_block_exercise(we) AS m
WHERE we.id BETWEEN $1 AND $2
FOR KEY SHARE OF we
ON CONFLICT (id) DO NOTHING;

-- step: put in order what changed meanwhile (batches of workouts)
-- A batch ranks its exercises by what it sees; one that another transaction is adding is not among it. That transaction
-- holds the block, so this waits for it, and order_block() then sees all of both.
WITH held AS MATERIALIZED (
    SELECT b.id FROM workout_blocks AS b WHERE b.id BETWEEN $1 AND $2 ORDER BY b.id FOR NO KEY UPDATE
)
SELECT order_block(h.id, NULL) FROM held AS h;
