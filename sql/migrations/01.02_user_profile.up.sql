-- Plan 1.2: the training context of a user, and one row of preferences each.
-- users.units becomes preferred_units and fitness_goal the first of primary_goals.
-- locks: users ACCESS EXCLUSIVE
-- squawk-ignore-file constraint-missing-not-valid -- the check is validated in a step, so a transaction, of its own

-- step: columns
ALTER TABLE users
    ADD COLUMN training_experience varchar(20),
    ADD COLUMN primary_goals text[],
    ADD COLUMN injury_history jsonb,
    ADD COLUMN training_frequency integer;

-- step: check training_frequency
-- From 1.1 of the plan.
ALTER TABLE users
    ADD CONSTRAINT users_training_frequency_check CHECK (training_frequency BETWEEN 1 AND 14) NOT VALID;

-- step: check the stored rows
ALTER TABLE users VALIDATE CONSTRAINT users_training_frequency_check;

-- step: preferences
CREATE TABLE user_preferences (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    preferred_units varchar(10) DEFAULT 'metric',
    default_rest_seconds integer DEFAULT 120,
    track_rpe boolean DEFAULT true,
    track_rom boolean DEFAULT false,
    track_tempo boolean DEFAULT false,
    workout_reminders boolean DEFAULT true,
    progress_updates boolean DEFAULT true,
    insight_notifications boolean DEFAULT true,
    share_workouts boolean DEFAULT false,
    research_participation boolean DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- step: what a user's preferences are made of
-- A word that names neither system is a misfit: the row is kept aside, and metric stands.
CREATE FUNCTION legacy_preferences(u users)
RETURNS TABLE (id uuid, user_id uuid, preferred_units text, misfit text)
LANGUAGE sql STABLE
AS $$
    SELECT derived_id('user_preferences', u.id::text), u.id, coalesce(word.system, 'metric'),
        CASE WHEN word.system IS NULL THEN 'units name neither metric nor imperial' END
    FROM (SELECT CASE
        WHEN u.units IS NULL OR btrim(u.units) = '' THEN 'metric'
        WHEN lower(btrim(u.units)) IN ('metric', 'kg', 'kgs', 'kilogram', 'kilograms', 'si') THEN 'metric'
        WHEN lower(btrim(u.units)) IN ('imperial', 'lb', 'lbs', 'pound', 'pounds', 'us') THEN 'imperial'
    END AS system) AS word
$$;

-- Units that changed overwrite those preferred, a word that names neither system with metric.
CREATE FUNCTION sync_preferences(key uuid) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    made record;
BEGIN
    DELETE FROM migration_quarantine
    WHERE source_table = 'users' AND source_id = key AND reason NOT LIKE 'fitness_goal%';
    FOR made IN
        SELECT m.*, to_jsonb(u) AS source_row FROM users AS u CROSS JOIN LATERAL legacy_preferences(u) AS m
        WHERE u.id = key
    LOOP
        IF made.misfit IS NOT NULL THEN
            PERFORM set_aside('users', key, made.source_row, '22023', made.misfit);
        END IF;
        INSERT INTO user_preferences AS p (id, user_id, preferred_units)
        VALUES (made.id, made.user_id, made.preferred_units)
        ON CONFLICT (user_id) DO UPDATE SET preferred_units = excluded.preferred_units, updated_at = now()
        WHERE p.preferred_units IS DISTINCT FROM excluded.preferred_units;
    END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION sync_preferences(uuid) FROM PUBLIC;

-- fitness_goal is the first of primary_goals, whichever of the two is written.
CREATE FUNCTION sync_goals() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.primary_goals IS NULL AND NEW.fitness_goal IS NOT NULL THEN
            NEW.primary_goals := ARRAY[NEW.fitness_goal];
        ELSIF NEW.fitness_goal IS NULL THEN
            NEW.fitness_goal := NEW.primary_goals[1];
        END IF;
    ELSIF NEW.fitness_goal IS DISTINCT FROM OLD.fitness_goal AND NEW.primary_goals IS NOT DISTINCT FROM OLD.primary_goals THEN
        NEW.primary_goals := nullif(array_remove(ARRAY[NEW.fitness_goal::text], NULL) || NEW.primary_goals[2:], '{}');
    ELSIF NEW.primary_goals IS DISTINCT FROM OLD.primary_goals AND NEW.fitness_goal IS NOT DISTINCT FROM OLD.fitness_goal
        AND coalesce(current_setting('insights.sync', true), '') <> 'forward' THEN
        NEW.fitness_goal := NEW.primary_goals[1];
    END IF;
    RETURN NEW;
END
$$;
REVOKE EXECUTE ON FUNCTION sync_goals() FROM PUBLIC;

-- step: keep them in step
CREATE TRIGGER insights_sync_goals BEFORE INSERT OR UPDATE OF fitness_goal, primary_goals ON users
FOR EACH ROW EXECUTE FUNCTION sync_goals();
CREATE TRIGGER insights_sync AFTER INSERT OR DELETE OR UPDATE OF id, units ON users
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') NOT IN ('reverse', 'new'))
EXECUTE FUNCTION sync_legacy('users', 'preferences');

-- step: carry over units (batches of users)
WITH mapped AS MATERIALIZED (
    SELECT m.*, CASE WHEN m.misfit IS NOT NULL THEN to_jsonb(u) END AS source_row
    FROM users AS u CROSS JOIN LATERAL legacy_preferences(u) AS m
    WHERE u.id BETWEEN $1 AND $2
    FOR KEY SHARE OF u
), kept_aside AS (
    SELECT set_aside('users', user_id, source_row, '22023', misfit) FROM mapped WHERE misfit IS NOT NULL
), made AS (
    INSERT INTO user_preferences (id, user_id, preferred_units)
    SELECT id, user_id, preferred_units FROM mapped
    ON CONFLICT (user_id) DO NOTHING
)
SELECT count(*) FROM kept_aside;

-- step: carry over goals (batches of users)
-- A row that breaks users_email_check cannot be updated, so its goal is kept aside.
WITH kept_aside AS (
    SELECT set_aside('users', id, to_jsonb(users), '23514',
        'fitness_goal: the row breaks users_email_check and cannot be updated')
    FROM users
    WHERE id BETWEEN $1 AND $2
      AND fitness_goal IS NOT NULL AND primary_goals IS NULL AND email !~* '^.+@.+\..+$'
), made AS (
    UPDATE users SET primary_goals = ARRAY[fitness_goal]
    WHERE id BETWEEN $1 AND $2
      AND fitness_goal IS NOT NULL AND primary_goals IS NULL AND email ~* '^.+@.+\..+$'
)
SELECT count(*) FROM kept_aside;
