-- What every carry-over needs: a place for values that do not fit, ids that come out the same every time, and the one
-- trigger function that carries a live change of a legacy row over. Ours.
--
-- How a change travels. A forward trigger on a legacy table calls sync_legacy(), which calls sync_row(), which calls the
-- sync_... function of that kind of row. Those read the legacy row by its id and make the new rows equal to it, so a
-- trigger, a retry and a repair are the same act. The values come from the legacy_... functions, which the batches of the
-- backfill use too: the two cannot differ.
--
-- The setting insights.sync keeps the directions apart:
--   (unset)  the old app writes: forward triggers fire
--   forward  a forward trigger, the backfill or a retry writes: no reverse trigger fires
--   reverse  a reverse trigger writes: no forward trigger fires
--   new      a new writer, which looks after the new tables itself: no forward trigger fires
-- locks: none

-- step: quarantine and ids
CREATE TABLE migration_quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source_table varchar(60) NOT NULL,
    source_id uuid NOT NULL,
    raw jsonb NOT NULL, -- the source row as it was
    sqlstate varchar(5) NOT NULL, -- the error that carrying it over raised, or would have raised
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source_table, source_id, reason) -- a repeated carry-over adds nothing
);

-- A UUID version 8 (RFC 9562) from SHA-256 of "kind:key"; the variant nibble is always a. ASCII keys only.
CREATE FUNCTION derived_id(kind text, key text) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN overlay(overlay(
    left(encode(sha256(decode(kind || ':' || key, 'escape')), 'hex'), 32)
    PLACING '8' FROM 13 FOR 1) PLACING 'a' FROM 17 FOR 1)::uuid;

-- The fields of a row that are not as they would be derived; a field that the derived row lacks would be null.
CREATE FUNCTION jsonb_delta(row_now jsonb, row_derived jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT coalesce(jsonb_object_agg(field.key, field.value), '{}')
    FROM jsonb_each(row_now) AS field
    WHERE field.value IS DISTINCT FROM coalesce(row_derived -> field.key, 'null')
);

-- step: keep a row aside
CREATE FUNCTION set_aside(source text, key uuid, source_row jsonb, state text, why text) RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO migration_quarantine (source_table, source_id, raw, sqlstate, reason)
    VALUES (source, key, source_row, state, left(why, 500))
    ON CONFLICT (source_table, source_id, reason)
    DO UPDATE SET raw = excluded.raw, sqlstate = excluded.sqlstate, at = excluded.at;
$$;
REVOKE EXECUTE ON FUNCTION set_aside(text, uuid, jsonb, text, text) FROM PUBLIC;

-- step: carry one row over
-- The functions that it calls come with their tables.
CREATE FUNCTION sync_row(kind text, key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    CASE kind
        WHEN 'preferences' THEN PERFORM sync_preferences(key);
        WHEN 'block' THEN PERFORM sync_block(key);
        WHEN 'block_exercise' THEN PERFORM sync_block_exercise(key);
        WHEN 'set_protocols' THEN PERFORM sync_set_protocols(key);
        WHEN 'performances' THEN PERFORM sync_performances(key);
        WHEN 'performance' THEN PERFORM sync_performance_of_set(key);
        WHEN 'set' THEN PERFORM sync_set(key);
        WHEN 'units' THEN PERFORM sync_back_units(key);
        WHEN 'workout_exercise' THEN PERFORM sync_back_workout_exercise(key);
        WHEN 'rep_scheme' THEN PERFORM sync_back_rep_scheme(key);
        WHEN 'exercise_set' THEN PERFORM sync_back_exercise_set(key);
    END CASE;
END
$$;
REVOKE EXECUTE ON FUNCTION sync_row(text, uuid) FROM PUBLIC;

-- step: what the forward triggers call
-- Arguments: the legacy table's name, the kind of row. The app's statement never fails for our sake: whatever goes wrong
-- is kept aside, and WHEN OTHERS lets a cancel (57014) through. It runs as its owner, for the app has no rights on our
-- tables. It waits for a lock for less than deadlock_timeout, so that no deadlock can pick the app as its victim.
CREATE FUNCTION sync_legacy() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET lock_timeout = '400ms'
SET insights.sync = 'forward'
AS $$
BEGIN
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.id <> OLD.id THEN
            PERFORM sync_row(TG_ARGV[1], OLD.id);
        END IF;
        PERFORM sync_row(TG_ARGV[1], coalesce(NEW.id, OLD.id));
    EXCEPTION WHEN OTHERS THEN
        BEGIN
            PERFORM set_aside(TG_ARGV[0], coalesce(NEW.id, OLD.id), to_jsonb(coalesce(NEW, OLD)), SQLSTATE, SQLERRM);
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'insights: % % is not carried over: %', TG_ARGV[0], coalesce(NEW.id, OLD.id), SQLERRM;
        END;
    END;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION sync_legacy() FROM PUBLIC;

-- step: what the truncate triggers call
-- Arguments: the legacy table's name, the kind of row. A TRUNCATE names no rows and, with the lock that it holds, meets no
-- other writer of its table: before it, the table still tells which rows were carried over. They go as if each had been
-- deleted; where that fails, every row is kept aside, and a retry finds it gone. Tables that the new ones refer to need
-- no such trigger: PostgreSQL refuses to truncate them, or truncates what refers to them as well (CASCADE).
CREATE FUNCTION sync_truncate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET lock_timeout = '400ms'
SET insights.sync = 'forward'
AS $$
BEGIN
    BEGIN
        CASE TG_ARGV[1]
            WHEN 'block_exercise' THEN PERFORM forget_block_exercises(TG_WHEN = 'AFTER');
            WHEN 'set' THEN PERFORM forget_sets();
        END CASE;
        IF TG_WHEN = 'BEFORE' THEN
            DELETE FROM migration_quarantine WHERE source_table = TG_ARGV[0];
        END IF;
    EXCEPTION WHEN OTHERS THEN
        BEGIN
            EXECUTE format('SELECT set_aside(%L, t.id, to_jsonb(t), %L, %L) FROM %I AS t',
                TG_ARGV[0], SQLSTATE, 'TRUNCATE: ' || SQLERRM, TG_ARGV[0]);
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'insights: TRUNCATE of % is not carried over: %', TG_ARGV[0], SQLERRM;
        END;
    END;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION sync_truncate() FROM PUBLIC;
