-- Plan 4.2: an exercise as it was done in a session.
-- A session's performances are made with the session, one for each exercise of its workout: were they made with their
-- first set, two transactions that log the same exercises in opposite order would wait for each other. A set of another
-- workout's exercise makes its own. Of stored sessions, those that have sets get one.
-- A block exercise with history cannot be deleted (RESTRICT, not the plan's CASCADE): history outlives its template.
-- locks: workout_sessions SHARE ROW EXCLUSIVE, exercise_sets SHARE ROW EXCLUSIVE, workout_block_exercises SHARE ROW EXCLUSIVE

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

-- step: what a performance is made of
CREATE FUNCTION legacy_performance(session_key uuid, exercise_key uuid)
RETURNS TABLE (
    id uuid, workout_session_id uuid, workout_block_exercise_id uuid, performance_order integer, planned_sets integer,
    created_at timestamptz
)
LANGUAGE sql STABLE
AS $$
    SELECT
        derived_id('exercise_performances', session_key || '/' || exercise_key), ws.id, be.id, be.exercise_order,
        be.target_sets, ws.created_at
    FROM workout_sessions AS ws
    CROSS JOIN workout_block_exercises AS be
    WHERE ws.id = session_key AND be.id = exercise_key
$$;

-- Those of a session: its workout's exercises. One that it was moved away from keeps those that have sets.
CREATE FUNCTION sync_performances(key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM migration_quarantine WHERE source_table = 'workout_sessions' AND source_id = key;
    INSERT INTO exercise_performances (
        id, workout_session_id, workout_block_exercise_id, performance_order, planned_sets, created_at
    )
    SELECT m.*
    FROM workout_sessions AS ws
    JOIN workout_block_exercises AS be ON be.workout_block_id = ws.workout_id AND be.archived_at IS NULL
    CROSS JOIN LATERAL legacy_performance(ws.id, be.id) AS m
    WHERE ws.id = key
    ORDER BY be.id
    ON CONFLICT (id) DO NOTHING;
END
$$;
REVOKE EXECUTE ON FUNCTION sync_performances(uuid) FROM PUBLIC;

-- The one of a set, where it has none yet.
CREATE FUNCTION sync_performance_of_set(key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    session_key uuid;
    exercise_key uuid;
BEGIN
    DELETE FROM migration_quarantine WHERE source_table = 'exercise_sets' AND source_id = key;
    SELECT s.workout_session_id, s.workout_exercise_id INTO session_key, exercise_key
    FROM exercise_sets AS s WHERE s.id = key;
    IF FOUND AND NOT EXISTS (
        SELECT FROM exercise_performances AS p
        WHERE p.id = derived_id('exercise_performances', session_key || '/' || exercise_key)
    ) THEN
        INSERT INTO exercise_performances (
            id, workout_session_id, workout_block_exercise_id, performance_order, planned_sets, created_at
        )
        SELECT m.* FROM legacy_performance(session_key, exercise_key) AS m
        ON CONFLICT (id) DO NOTHING;
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION sync_performance_of_set(uuid) FROM PUBLIC;

-- Of an exercise that is deleted: performances without sets say only that it was planned.
CREATE FUNCTION remove_empty_performances(exercise_key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF to_regclass('set_executions') IS NULL THEN
        DELETE FROM exercise_performances AS p WHERE p.workout_block_exercise_id = exercise_key;
    ELSE
        DELETE FROM exercise_performances AS p
        WHERE p.workout_block_exercise_id = exercise_key
          AND p.performance_notes IS NULL AND p.technique_quality IS NULL
          AND NOT EXISTS (SELECT FROM set_executions AS e WHERE e.exercise_performance_id = p.id);
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION remove_empty_performances(uuid) FROM PUBLIC;

-- step: make them with their session
CREATE TRIGGER insights_sync AFTER INSERT OR DELETE OR UPDATE OF id, workout_id ON workout_sessions
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') NOT IN ('reverse', 'new'))
EXECUTE FUNCTION sync_legacy('workout_sessions', 'performances');

-- step: make those of other workouts' exercises with their set
CREATE TRIGGER insights_sync AFTER INSERT OR UPDATE ON exercise_sets
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') NOT IN ('reverse', 'new'))
EXECUTE FUNCTION sync_legacy('exercise_sets', 'performance');

-- step: carry over pairs of session and workout exercise (batches of exercise_sets)
WITH source AS MATERIALIZED (
    SELECT s.workout_session_id, s.workout_exercise_id FROM exercise_sets AS s
    WHERE s.id BETWEEN $1 AND $2 ORDER BY s.id FOR KEY SHARE
), pair AS MATERIALIZED (
    SELECT DISTINCT s.workout_session_id, s.workout_exercise_id FROM source AS s
)
INSERT INTO exercise_performances (
    id, workout_session_id, workout_block_exercise_id, performance_order, planned_sets, created_at
)
SELECT m.* FROM pair CROSS JOIN LATERAL legacy_performance(pair.workout_session_id, pair.workout_exercise_id) AS m
ON CONFLICT (id) DO NOTHING;
