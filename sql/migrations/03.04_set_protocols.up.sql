-- Plan 3.4: what each set of a block exercise is meant to be. rep_scheme {"1": 12, "2": 10} becomes one row a set.
-- locks: workout_exercises SHARE ROW EXCLUSIVE, workout_block_exercises SHARE ROW EXCLUSIVE

-- step: table
CREATE TABLE set_protocols (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workout_block_exercise_id uuid NOT NULL REFERENCES workout_block_exercises (id) ON DELETE CASCADE,
    protocol_type set_type_enum NOT NULL,
    set_order integer NOT NULL,
    protocol_data jsonb, -- {"reps": 12}
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_set_protocols_block_exercise ON set_protocols (workout_block_exercise_id, set_order);

-- step: what the protocols of an exercise are made of
-- jsonb_each fails on anything but an object: the CASE looks at the type first.
CREATE FUNCTION rep_scheme_misfit(rep_scheme jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT 'rep_scheme is not {"set number": repetitions}'
    WHERE jsonb_typeof(rep_scheme) <> 'null'
      AND CASE WHEN jsonb_typeof(rep_scheme) <> 'object' THEN true ELSE EXISTS (
          SELECT FROM jsonb_each(rep_scheme) AS entry
          WHERE entry.key !~ '^[1-9][0-9]{0,3}$'
             OR jsonb_typeof(entry.value) <> 'number' OR entry.value::text !~ '^[0-9]{1,9}$'
      ) END
$$;

CREATE FUNCTION legacy_set_protocols(we workout_exercises)
RETURNS TABLE (
    id uuid, workout_block_exercise_id uuid, protocol_type set_type_enum, set_order integer, protocol_data jsonb,
    created_at timestamptz
)
LANGUAGE sql STABLE
AS $$
    SELECT
        derived_id('set_protocols', we.id || '/' || entry.key), we.id, 'working'::set_type_enum, entry.key::integer,
        jsonb_build_object('reps', entry.value), we.created_at
    FROM jsonb_each(
        CASE WHEN jsonb_typeof(we.rep_scheme) = 'object' AND rep_scheme_misfit(we.rep_scheme) IS NULL
            THEN we.rep_scheme ELSE '{}' END
    ) AS entry
$$;

-- Changed in place where they stay, so that the sets that were done by them keep their link.
CREATE FUNCTION sync_set_protocols(key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_aside('workout_exercises', we.id, to_jsonb(we), '22023', rep_scheme_misfit(we.rep_scheme))
    FROM workout_exercises AS we
    WHERE we.id = key AND rep_scheme_misfit(we.rep_scheme) IS NOT NULL;
    DELETE FROM set_protocols AS p
    WHERE p.workout_block_exercise_id = key
      AND p.id = derived_id('set_protocols', key || '/' || p.set_order)
      AND NOT EXISTS (
          SELECT FROM workout_exercises AS we CROSS JOIN LATERAL legacy_set_protocols(we) AS m
          WHERE we.id = key AND m.id = p.id
      );
    INSERT INTO set_protocols AS p (
        id, workout_block_exercise_id, protocol_type, set_order, protocol_data, created_at
    )
    SELECT m.* FROM workout_exercises AS we CROSS JOIN LATERAL legacy_set_protocols(we) AS m WHERE we.id = key
    ON CONFLICT (id) DO UPDATE SET protocol_data = coalesce(p.protocol_data, '{}') || excluded.protocol_data
    WHERE NOT coalesce(p.protocol_data, '{}') @> excluded.protocol_data;
END
$$;
REVOKE EXECUTE ON FUNCTION sync_set_protocols(uuid) FROM PUBLIC;

-- step: keep them in step
-- Named to fire after insights_sync, which makes the block exercise.
CREATE TRIGGER insights_sync_protocols AFTER INSERT OR UPDATE ON workout_exercises
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') NOT IN ('reverse', 'new'))
EXECUTE FUNCTION sync_legacy('workout_exercises', 'set_protocols');

-- step: carry over rep_scheme (batches of workout_exercises)
-- FOR SHARE, not KEY SHARE: one row becomes several, so a change of it meanwhile must wait or be waited for.
WITH kept_aside AS (
    SELECT set_aside('workout_exercises', we.id, to_jsonb(we), '22023', rep_scheme_misfit(we.rep_scheme))
    FROM workout_exercises AS we
    WHERE we.id BETWEEN $1 AND $2 AND rep_scheme_misfit(we.rep_scheme) IS NOT NULL
), made AS (
    INSERT INTO set_protocols (id, workout_block_exercise_id, protocol_type, set_order, protocol_data, created_at)
    SELECT m.*
    FROM workout_exercises AS we
    JOIN workout_block_exercises AS be ON be.id = we.id
    CROSS JOIN LATERAL legacy_set_protocols(we) AS m
    WHERE we.id BETWEEN $1 AND $2 AND we.rep_scheme IS NOT NULL
    FOR SHARE OF we
    ON CONFLICT (id) DO NOTHING
)
SELECT count(*) FROM kept_aside;
