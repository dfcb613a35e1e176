-- Plan 3.2: a workout is a row of blocks. Each legacy workout becomes one block that has the workout's id.
-- A deleted workout deletes the blocks that nothing was ever done in, and archives the others: history outlives its
-- template, so the foreign key says SET NULL where the plan says CASCADE.
-- locks: workouts SHARE ROW EXCLUSIVE

-- step: table
CREATE TABLE workout_blocks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workout_id uuid REFERENCES workouts (id) ON DELETE SET NULL, -- null: its workout is gone, and it is archived
    block_order integer NOT NULL,
    block_name varchar(100),
    block_type workout_block_type_enum NOT NULL DEFAULT 'straight_sets',
    rest_between_exercises integer, -- seconds
    rounds integer DEFAULT 1,
    round_rest_seconds integer,
    notes text,
    created_at timestamptz NOT NULL DEFAULT now(),
    archived_at timestamptz -- no longer offered; kept for what was done in it
);
CREATE INDEX idx_workout_blocks_workout ON workout_blocks (workout_id, block_order);

-- step: what a workout's block is made of
CREATE FUNCTION legacy_block(w workouts)
RETURNS TABLE (
    id uuid, workout_id uuid, block_order integer, block_name text, block_type workout_block_type_enum,
    created_at timestamptz
)
LANGUAGE sql IMMUTABLE
AS $$
    SELECT w.id, w.id, 1, 'Main Block', 'straight_sets'::workout_block_type_enum, w.created_at
$$;

CREATE FUNCTION sync_block(key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM migration_quarantine WHERE source_table = 'workouts' AND source_id = key;
    INSERT INTO workout_blocks (id, workout_id, block_order, block_name, block_type, created_at)
    SELECT m.* FROM workouts AS w CROSS JOIN LATERAL legacy_block(w) AS m
    WHERE w.id = key AND NOT EXISTS (SELECT FROM workout_blocks AS b WHERE b.id = key)
    ON CONFLICT (id) DO NOTHING;
END
$$;
REVOKE EXECUTE ON FUNCTION sync_block(uuid) FROM PUBLIC;

-- Before a workout goes: the blocks that hold history are archived, the others go with it.
CREATE FUNCTION archive_blocks() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET lock_timeout = '400ms'
SET insights.sync = 'forward'
AS $$
DECLARE
    block uuid;
BEGIN
    FOR block IN SELECT b.id FROM workout_blocks AS b WHERE b.workout_id = OLD.id ORDER BY b.id
    LOOP
        BEGIN
            DELETE FROM workout_blocks AS b WHERE b.id = block;
        EXCEPTION WHEN restrict_violation OR foreign_key_violation THEN
            UPDATE workout_blocks AS b SET archived_at = now() WHERE b.id = block;
        END;
    END LOOP;
    RETURN OLD;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'insights: the blocks of workout % stay: %', OLD.id, SQLERRM;
    RETURN OLD;
END
$$;
REVOKE EXECUTE ON FUNCTION archive_blocks() FROM PUBLIC;

-- step: keep them in step
CREATE TRIGGER insights_archive BEFORE DELETE ON workouts
FOR EACH ROW EXECUTE FUNCTION archive_blocks();
CREATE TRIGGER insights_sync AFTER INSERT OR DELETE ON workouts
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') NOT IN ('reverse', 'new'))
EXECUTE FUNCTION sync_legacy('workouts', 'block');

-- step: carry over workouts (batches of workouts)
INSERT INTO workout_blocks (id, workout_id, block_order, block_name, block_type, created_at)
SELECT m.* FROM workouts AS w CROSS JOIN LATERAL legacy_block(w) AS m
WHERE w.id BETWEEN $1 AND $2
FOR KEY SHARE OF w
ON CONFLICT (id) DO NOTHING;
