-- Ours: which users read and write the new tables, and the way back to the legacy ones.
-- The reverse triggers are made disabled; `insights flags set write_new` enables them before the first user is let
-- through, so that who never has a new writer pays nothing for them.
-- locks: user_preferences SHARE ROW EXCLUSIVE, workout_block_exercises SHARE ROW EXCLUSIVE, set_protocols SHARE ROW EXCLUSIVE, set_executions SHARE ROW EXCLUSIVE

-- step: flags
CREATE TABLE rollout_flags (
    name varchar(40) PRIMARY KEY,
    percent integer NOT NULL DEFAULT 0 CHECK (percent BETWEEN 0 AND 100), -- of users
    updated_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO rollout_flags (name) VALUES ('read_new'), ('write_new');

-- Whether a user is let through. The bucket hangs on the user's id alone: a higher percentage adds users and removes
-- none, and the users of a smaller flag are among those of a larger one. The app may ask without a right on the table.
CREATE FUNCTION rollout_enabled(flag_name text, user_id uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce((
        SELECT ('x' || left(md5(user_id::text), 8))::bit(32)::bigint % 10000 < f.percent * 100
        FROM rollout_flags AS f WHERE f.name = flag_name
    ), false)
$$;

-- step: the way back
-- Each makes the legacy row equal to what the new rows say, as far as it can say it. Finer legacy values (an unrounded
-- weight) stay while they round to the new one.
CREATE FUNCTION sync_back_units(key uuid) RETURNS void
LANGUAGE sql
AS $$
    UPDATE users AS u SET units = p.preferred_units
    FROM user_preferences AS p CROSS JOIN users AS same CROSS JOIN LATERAL legacy_preferences(same) AS m
    WHERE p.id = key AND same.id = p.user_id AND u.id = p.user_id
      AND m.preferred_units IS DISTINCT FROM p.preferred_units
$$;
REVOKE EXECUTE ON FUNCTION sync_back_units(uuid) FROM PUBLIC;

-- The legacy orders stay, with their gaps, while they tell the order of the new ones. Where one differs, all of its block
-- take the new numbers: beside gaps, the number of the one that moved would not say where it went.
CREATE FUNCTION sync_back_workout_exercise(key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    block uuid;
BEGIN
    DELETE FROM migration_quarantine WHERE source_table = 'workout_block_exercises' AND source_id = key;
    IF NOT EXISTS (SELECT FROM workout_block_exercises AS be WHERE be.id = key) THEN
        DELETE FROM workout_exercises AS we WHERE we.id = key;
        RETURN;
    END IF;
    INSERT INTO workout_exercises AS we (
        id, workout_id, exercise_id, "order", sets, reps, duration, rest_duration, notes, created_at
    )
    SELECT
        be.id, b.workout_id, be.exercise_id, be.exercise_order, be.target_sets, be.target_reps_min,
        be.target_duration_seconds, be.rest_after_seconds, be.notes, be.created_at
    FROM workout_block_exercises AS be JOIN workout_blocks AS b ON b.id = be.workout_block_id
    WHERE be.id = key AND b.workout_id IS NOT NULL
    ON CONFLICT (id) DO UPDATE SET
        workout_id = excluded.workout_id, exercise_id = excluded.exercise_id, sets = excluded.sets,
        reps = excluded.reps, duration = excluded.duration, rest_duration = excluded.rest_duration,
        notes = excluded.notes, updated_at = now();
    SELECT be.workout_block_id INTO block FROM workout_block_exercises AS be WHERE be.id = key;
    IF EXISTS (SELECT FROM block_orders(block)) THEN
        UPDATE workout_exercises AS we SET "order" = be.exercise_order, updated_at = now()
        FROM workout_block_exercises AS be
        WHERE be.id = we.id AND be.workout_block_id = block AND be.archived_at IS NULL
          AND we."order" IS DISTINCT FROM be.exercise_order;
    END IF;
END
$$;
REVOKE EXECUTE ON FUNCTION sync_back_workout_exercise(uuid) FROM PUBLIC;

-- The key is that of the exercise whose protocols changed.
CREATE FUNCTION sync_back_rep_scheme(key uuid) RETURNS void
LANGUAGE sql
AS $$
    UPDATE workout_exercises AS we SET rep_scheme = now_said.rep_scheme, updated_at = now()
    FROM (
        SELECT jsonb_object_agg(p.set_order::text, p.protocol_data -> 'reps') AS rep_scheme
        FROM set_protocols AS p
        WHERE p.workout_block_exercise_id = key AND jsonb_typeof(p.protocol_data -> 'reps') = 'number'
    ) AS now_said
    WHERE we.id = key AND we.rep_scheme IS DISTINCT FROM now_said.rep_scheme
$$;
REVOKE EXECUTE ON FUNCTION sync_back_rep_scheme(uuid) FROM PUBLIC;

-- A set of a lift that the legacy tables have not seen brings its workout exercise along.
CREATE FUNCTION sync_back_exercise_set(key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    exercise_key uuid;
BEGIN
    DELETE FROM migration_quarantine WHERE source_table = 'set_executions' AND source_id = key;
    SELECT p.workout_block_exercise_id INTO exercise_key
    FROM set_executions AS e JOIN exercise_performances AS p ON p.id = e.exercise_performance_id
    WHERE e.id = key;
    IF NOT FOUND THEN
        DELETE FROM exercise_sets AS s WHERE s.id = key;
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM workout_exercises AS we WHERE we.id = exercise_key) THEN
        PERFORM sync_back_workout_exercise(exercise_key);
    END IF;
    INSERT INTO exercise_sets AS s (
        id, workout_session_id, workout_exercise_id, set_number, reps, weight, duration, rpe, notes, created_at
    )
    SELECT
        e.id, p.workout_session_id, p.workout_block_exercise_id, e.set_number, e.reps_completed, e.weight_kg::float8,
        e.duration_seconds, round(e.rpe_value)::integer, e.set_notes, e.created_at
    FROM set_executions AS e JOIN exercise_performances AS p ON p.id = e.exercise_performance_id
    WHERE e.id = key
    ON CONFLICT (id) DO UPDATE SET
        workout_session_id = excluded.workout_session_id, workout_exercise_id = excluded.workout_exercise_id,
        set_number = excluded.set_number, reps = excluded.reps,
        weight = CASE
            WHEN round(s.weight::numeric, 2) = excluded.weight::numeric THEN s.weight ELSE excluded.weight
        END,
        duration = excluded.duration, rpe = excluded.rpe, notes = excluded.notes, updated_at = now();
END
$$;
REVOKE EXECUTE ON FUNCTION sync_back_exercise_set(uuid) FROM PUBLIC;

-- step: what the reverse triggers call
-- Arguments: the new table's name, the kind of row, the column that holds the key (id by default). As careful as
-- sync_legacy(): a new writer does not fail for the old tables' sake.
CREATE FUNCTION sync_new() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET lock_timeout = '400ms'
SET insights.sync = 'reverse'
AS $$
DECLARE
    key uuid := (to_jsonb(coalesce(NEW, OLD)) ->> coalesce(TG_ARGV[2], 'id'))::uuid;
BEGIN
    BEGIN
        PERFORM sync_row(TG_ARGV[1], key);
    EXCEPTION WHEN OTHERS THEN
        BEGIN
            PERFORM set_aside(TG_ARGV[0], key, to_jsonb(coalesce(NEW, OLD)), SQLSTATE, SQLERRM);
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'insights: % % is not carried back: %', TG_ARGV[0], key, SQLERRM;
        END;
    END;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION sync_new() FROM PUBLIC;

-- step: preferences go back
CREATE TRIGGER insights_sync_back AFTER INSERT OR UPDATE OF preferred_units ON user_preferences
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') <> 'forward')
EXECUTE FUNCTION sync_new('user_preferences', 'units');
ALTER TABLE user_preferences DISABLE TRIGGER insights_sync_back;

-- step: exercises go back
CREATE TRIGGER insights_sync_back AFTER INSERT OR UPDATE OR DELETE ON workout_block_exercises
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') <> 'forward')
EXECUTE FUNCTION sync_new('workout_block_exercises', 'workout_exercise');
ALTER TABLE workout_block_exercises DISABLE TRIGGER insights_sync_back;

-- step: protocols go back
CREATE TRIGGER insights_sync_back AFTER INSERT OR UPDATE OR DELETE ON set_protocols
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') <> 'forward')
EXECUTE FUNCTION sync_new('set_protocols', 'rep_scheme', 'workout_block_exercise_id');
ALTER TABLE set_protocols DISABLE TRIGGER insights_sync_back;

-- step: sets go back
CREATE TRIGGER insights_sync_back AFTER INSERT OR UPDATE OR DELETE ON set_executions
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') <> 'forward')
EXECUTE FUNCTION sync_new('set_executions', 'exercise_set');
ALTER TABLE set_executions DISABLE TRIGGER insights_sync_back;
