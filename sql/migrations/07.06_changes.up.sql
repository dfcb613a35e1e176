-- Ours: what has changed since the engine last looked, so that a night costs what changed.
--
-- Triggers append to analytics_changes once a statement, and each entry is a key that the changed rows hold themselves.
-- (Moves and changed users are rare columns: row triggers with a WHEN, which cost nothing while the columns stay.)
-- Nothing there can make an app wait: no unique key, no foreign key, no other table, no row that two statements share.
-- Every level of a cascade logs its own parent, so that the key of a row that is gone leads on:
--
--   set_executions           performance     the performance of the old and the new rows
--   exercise_performances    session         the session of the old and the new rows
--   session_context          session         the session, where sleep, stress or energy changed
--   workout_sessions         user_day        the user, and the session's start, of the old and the new rows
--   workout_block_exercises  block_exercise  the block exercise that now stands for another lift
--   the catalogue            exercise, category, movement
--   users and what they are  user            the user; body weights: user_from, from that day on
--   TRUNCATE                 everything
--
-- A new performance or block exercise has no sets yet, so its insert is not logged. Sessions that were not started never
-- count, so they are logged only from and to other states.
-- The engine moves the entries to engine_changes, resolved to users and days, in one statement: what it takes away is
-- what it read, whatever commits meanwhile. A shard removes a user's rows in the transaction that writes the results.
--
-- A function calls the rows of its transition table OLD and NEW, as a row trigger would: the adapter of a database with
-- other names renders those.
-- locks: set_executions SHARE ROW EXCLUSIVE, exercise_performances SHARE ROW EXCLUSIVE, workout_sessions SHARE ROW EXCLUSIVE, session_context SHARE ROW EXCLUSIVE, workout_block_exercises SHARE ROW EXCLUSIVE, exercise_catalog SHARE ROW EXCLUSIVE, exercise_traits SHARE ROW EXCLUSIVE, exercise_biomechanics SHARE ROW EXCLUSIVE, exercise_categories SHARE ROW EXCLUSIVE, exercise_movement_patterns SHARE ROW EXCLUSIVE, movement_patterns SHARE ROW EXCLUSIVE, users SHARE ROW EXCLUSIVE, user_preferences SHARE ROW EXCLUSIVE, user_body_weights SHARE ROW EXCLUSIVE

-- step: the log
-- Emptied by every run: autovacuum follows the number of entries, not the size that the table once had.
CREATE TABLE analytics_changes (
    kind varchar(14) NOT NULL,
    key uuid, -- null: everything
    at timestamptz, -- user_day: when the session starts; null where nobody has said
    day date, -- user_from
    logged_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);

-- step: what is to be derived again
-- A row is one of three: the user's day that holds an instant, the user's days from the first to the last (null: all
-- later ones), or the whole user. The same may stand here twice. No foreign key: a user who goes must not wait.
CREATE TABLE engine_changes (
    user_id uuid NOT NULL,
    at timestamptz,
    first_day date,
    last_day date,
    CHECK (at IS NULL OR first_day IS NULL),
    CHECK (last_day IS NULL OR first_day IS NOT NULL)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
CREATE INDEX idx_engine_changes_user ON engine_changes (user_id);

-- step: functions of the training tables
-- Most statements of an app change one row, and DISTINCT or EXCEPT over one row costs more than the rest of the trigger:
-- that of sets asks first whether there is a second one, and that of sessions compares by a join.
CREATE FUNCTION log_changed_sets() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP <> 'DELETE' THEN
        PERFORM FROM new_rows OFFSET 1;
        IF FOUND THEN
            INSERT INTO public.analytics_changes (kind, key)
            SELECT DISTINCT 'performance', n.exercise_performance_id FROM new_rows AS n;
        ELSE
            INSERT INTO public.analytics_changes (kind, key)
            SELECT 'performance', n.exercise_performance_id FROM new_rows AS n;
        END IF;
    ELSE
        PERFORM FROM old_rows OFFSET 1;
        IF FOUND THEN
            INSERT INTO public.analytics_changes (kind, key)
            SELECT DISTINCT 'performance', o.exercise_performance_id FROM old_rows AS o;
        ELSE
            INSERT INTO public.analytics_changes (kind, key)
            SELECT 'performance', o.exercise_performance_id FROM old_rows AS o;
        END IF;
    END IF;
    RETURN NULL;
END
$$;

-- The old performance of a set that moves.
CREATE FUNCTION log_moved_set() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.analytics_changes (kind, key) VALUES ('performance', OLD.exercise_performance_id);
    RETURN NULL;
END
$$;

CREATE FUNCTION log_deleted_performances() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.analytics_changes (kind, key)
    SELECT DISTINCT 'session', o.workout_session_id FROM old_rows AS o;
    RETURN NULL;
END
$$;

CREATE FUNCTION log_moved_performance() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.analytics_changes (kind, key)
    VALUES ('session', OLD.workout_session_id), ('session', NEW.workout_session_id);
    RETURN NULL;
END
$$;

CREATE FUNCTION log_changed_context() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.analytics_changes (kind, key)
    VALUES ('session', CASE WHEN TG_OP = 'DELETE' THEN OLD.workout_session_id ELSE NEW.workout_session_id END);
    IF TG_OP = 'UPDATE' AND OLD.workout_session_id <> NEW.workout_session_id THEN
        INSERT INTO public.analytics_changes (kind, key) VALUES ('session', OLD.workout_session_id);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION log_changed_sessions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.analytics_changes (kind, key, at)
        SELECT 'user_day', NEW.user_id, NEW.start_time FROM new_rows AS NEW
        WHERE NEW.status::text IS DISTINCT FROM 'NOT_STARTED';
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO public.analytics_changes (kind, key, at)
        SELECT 'user_day', OLD.user_id, OLD.start_time FROM old_rows AS OLD
        WHERE OLD.status::text IS DISTINCT FROM 'NOT_STARTED';
        RETURN NULL;
    END IF;
    INSERT INTO public.analytics_changes (kind, key, at)
    SELECT 'user_day', NEW.user_id, NEW.start_time
    FROM old_rows AS OLD, new_rows AS NEW
    WHERE OLD.id = NEW.id
      AND (OLD.user_id, OLD.start_time, OLD.end_time, OLD.status)
          IS DISTINCT FROM (NEW.user_id, NEW.start_time, NEW.end_time, NEW.status)
      AND (OLD.status::text IS DISTINCT FROM 'NOT_STARTED' OR NEW.status::text IS DISTINCT FROM 'NOT_STARTED');
    RETURN NULL;
END
$$;

-- Where a session that moves was, and, should its id change too, where it is.
CREATE FUNCTION log_moved_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.analytics_changes (kind, key, at)
    VALUES ('user_day', OLD.user_id, OLD.start_time), ('user_day', NEW.user_id, NEW.start_time);
    RETURN NULL;
END
$$;

CREATE FUNCTION log_changed_block_exercises() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.analytics_changes (kind, key)
    SELECT 'block_exercise', c.id
    FROM (SELECT n.id, n.exercise_id FROM new_rows AS n EXCEPT SELECT o.id, o.exercise_id FROM old_rows AS o) AS c;
    RETURN NULL;
END
$$;

CREATE FUNCTION log_truncation() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.analytics_changes (kind) VALUES ('everything');
    RETURN NULL;
END
$$;

-- step: functions of the catalogue
CREATE FUNCTION log_changed_catalog() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO public.analytics_changes (kind, key)
    SELECT 'exercise', c.lift
    FROM (
        SELECT NEW.id AS lift, NEW.name, NEW.category_id, NEW.is_bodyweight, NEW.is_custom FROM new_rows AS NEW
        EXCEPT
        SELECT OLD.id, OLD.name, OLD.category_id, OLD.is_bodyweight, OLD.is_custom FROM old_rows AS OLD
    ) AS c;
    RETURN NULL;
END
$$;

-- A category tells the modality of lifts without traits, a pattern is a key of volume_by_movement. Argument: the kind.
CREATE FUNCTION log_changed_names() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO public.analytics_changes (kind, key)
    SELECT TG_ARGV[0], c.named
    FROM (
        SELECT NEW.id AS named, NEW.name FROM new_rows AS NEW
        EXCEPT
        SELECT OLD.id, OLD.name FROM old_rows AS OLD
    ) AS c;
    RETURN NULL;
END
$$;

-- What is kept of a lift in rows of other tables: traits, muscles, movement patterns.
CREATE FUNCTION log_changed_exercises() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.analytics_changes (kind, key)
        SELECT DISTINCT 'exercise', NEW.exercise_id FROM new_rows AS NEW;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO public.analytics_changes (kind, key)
        SELECT DISTINCT 'exercise', OLD.exercise_id FROM old_rows AS OLD;
    ELSE
        INSERT INTO public.analytics_changes (kind, key)
        SELECT DISTINCT 'exercise', c.lift
        FROM (
            (SELECT OLD.exercise_id AS lift, to_jsonb(OLD) FROM old_rows AS OLD
             EXCEPT
             SELECT NEW.exercise_id, to_jsonb(NEW) FROM new_rows AS NEW)
            UNION ALL
            (SELECT NEW.exercise_id, to_jsonb(NEW) FROM new_rows AS NEW
             EXCEPT
             SELECT OLD.exercise_id, to_jsonb(OLD) FROM old_rows AS OLD)
        ) AS c;
    END IF;
    RETURN NULL;
END
$$;

-- step: functions of the users
CREATE FUNCTION log_changed_user() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.analytics_changes (kind, key) VALUES ('user', NEW.id);
    RETURN NULL;
END
$$;

CREATE FUNCTION log_changed_preferences() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.analytics_changes (kind, key) SELECT 'user', n.user_id FROM new_rows AS n;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO public.analytics_changes (kind, key) SELECT 'user', o.user_id FROM old_rows AS o;
    ELSE
        INSERT INTO public.analytics_changes (kind, key)
        SELECT DISTINCT 'user', c.user_id
        FROM (
            (SELECT o.user_id, o.preferred_units FROM old_rows AS o
             EXCEPT
             SELECT n.user_id, n.preferred_units FROM new_rows AS n)
            UNION ALL
            (SELECT n.user_id, n.preferred_units FROM new_rows AS n
             EXCEPT
             SELECT o.user_id, o.preferred_units FROM old_rows AS o)
        ) AS c;
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION log_changed_body_weights() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.analytics_changes (kind, key, day)
        SELECT 'user_from', n.user_id, n.measured_on FROM new_rows AS n;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO public.analytics_changes (kind, key, day)
        SELECT 'user_from', o.user_id, o.measured_on FROM old_rows AS o;
    ELSE
        INSERT INTO public.analytics_changes (kind, key, day)
        SELECT DISTINCT 'user_from', c.user_id, c.measured_on
        FROM (
            (SELECT o.user_id, o.measured_on, o.weight_kg FROM old_rows AS o
             EXCEPT
             SELECT n.user_id, n.measured_on, n.weight_kg FROM new_rows AS n)
            UNION ALL
            (SELECT n.user_id, n.measured_on, n.weight_kg FROM new_rows AS n
             EXCEPT
             SELECT o.user_id, o.measured_on, o.weight_kg FROM old_rows AS o)
        ) AS c;
    END IF;
    RETURN NULL;
END
$$;

-- step: rights
REVOKE EXECUTE ON FUNCTION
    log_changed_sets(), log_moved_set(), log_deleted_performances(), log_moved_performance(), log_changed_context(),
    log_changed_sessions(), log_moved_session(), log_changed_block_exercises(), log_truncation(),
    log_changed_catalog(), log_changed_names(), log_changed_exercises(), log_changed_user(), log_changed_preferences(),
    log_changed_body_weights()
FROM PUBLIC;

-- step: sets
CREATE TRIGGER insights_log_insert AFTER INSERT ON set_executions
REFERENCING NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_sets();
CREATE TRIGGER insights_log_update AFTER UPDATE ON set_executions
REFERENCING NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_sets();
CREATE TRIGGER insights_log_delete AFTER DELETE ON set_executions
REFERENCING OLD TABLE AS old_rows EXECUTE FUNCTION log_changed_sets();
CREATE TRIGGER insights_log_move AFTER UPDATE OF exercise_performance_id ON set_executions
FOR EACH ROW WHEN (OLD.exercise_performance_id <> NEW.exercise_performance_id) EXECUTE FUNCTION log_moved_set();
-- TRUNCATE of any table above takes this one along.
CREATE TRIGGER insights_log_truncate AFTER TRUNCATE ON set_executions EXECUTE FUNCTION log_truncation();

-- step: performances
-- Their notes and orders are not looked at.
CREATE TRIGGER insights_log_move AFTER UPDATE OF workout_session_id, workout_block_exercise_id ON exercise_performances
FOR EACH ROW WHEN (
    (OLD.workout_session_id, OLD.workout_block_exercise_id)
    IS DISTINCT FROM (NEW.workout_session_id, NEW.workout_block_exercise_id)
) EXECUTE FUNCTION log_moved_performance();
-- Totals that someone else has written: the night derives them anew.
CREATE TRIGGER insights_log_totals
AFTER UPDATE OF completed_sets, total_volume_kg, total_reps, average_rpe, start_time, end_time, total_rest_seconds
ON exercise_performances
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') <> 'new')
EXECUTE FUNCTION log_moved_performance();
CREATE TRIGGER insights_log_delete AFTER DELETE ON exercise_performances
REFERENCING OLD TABLE AS old_rows EXECUTE FUNCTION log_deleted_performances();

-- step: context
CREATE TRIGGER insights_log_insert AFTER INSERT ON session_context
FOR EACH ROW WHEN (num_nonnulls(NEW.sleep_hours, NEW.sleep_quality, NEW.stress_level, NEW.energy_level) > 0)
EXECUTE FUNCTION log_changed_context();
CREATE TRIGGER insights_log_update
AFTER UPDATE OF workout_session_id, sleep_hours, sleep_quality, stress_level, energy_level ON session_context
FOR EACH ROW WHEN (
    OLD.workout_session_id <> NEW.workout_session_id
    OR OLD.sleep_hours IS DISTINCT FROM NEW.sleep_hours
    OR OLD.sleep_quality IS DISTINCT FROM NEW.sleep_quality
    OR OLD.stress_level IS DISTINCT FROM NEW.stress_level
    OR OLD.energy_level IS DISTINCT FROM NEW.energy_level
) EXECUTE FUNCTION log_changed_context();
CREATE TRIGGER insights_log_times AFTER UPDATE OF time_of_day, days_since_last_workout ON session_context
FOR EACH ROW WHEN (coalesce(current_setting('insights.sync', true), '') <> 'new')
EXECUTE FUNCTION log_changed_context();
CREATE TRIGGER insights_log_delete AFTER DELETE ON session_context
FOR EACH ROW WHEN (num_nonnulls(OLD.sleep_hours, OLD.sleep_quality, OLD.stress_level, OLD.energy_level) > 0)
EXECUTE FUNCTION log_changed_context();
CREATE TRIGGER insights_log_truncate AFTER TRUNCATE ON session_context EXECUTE FUNCTION log_truncation();

-- step: sessions
CREATE TRIGGER insights_log_insert AFTER INSERT ON workout_sessions
REFERENCING NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_sessions();
CREATE TRIGGER insights_log_update AFTER UPDATE ON workout_sessions
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_sessions();
CREATE TRIGGER insights_log_move AFTER UPDATE OF id, user_id, start_time ON workout_sessions
FOR EACH ROW WHEN (
    (OLD.id <> NEW.id OR OLD.user_id <> NEW.user_id OR OLD.start_time IS DISTINCT FROM NEW.start_time)
    AND (OLD.status::text IS DISTINCT FROM 'NOT_STARTED' OR NEW.status::text IS DISTINCT FROM 'NOT_STARTED')
) EXECUTE FUNCTION log_moved_session();
CREATE TRIGGER insights_log_delete AFTER DELETE ON workout_sessions
REFERENCING OLD TABLE AS old_rows EXECUTE FUNCTION log_changed_sessions();

-- step: block exercises
CREATE TRIGGER insights_log_update AFTER UPDATE ON workout_block_exercises
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_block_exercises();

-- step: lifts
CREATE TRIGGER insights_log_update AFTER UPDATE ON exercise_catalog
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_catalog();

-- step: categories
CREATE TRIGGER insights_log_update AFTER UPDATE ON exercise_categories
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_names('category');

-- step: patterns
CREATE TRIGGER insights_log_update AFTER UPDATE ON movement_patterns
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_names('movement');

-- step: patterns of lifts
CREATE TRIGGER insights_log_insert AFTER INSERT ON exercise_movement_patterns
REFERENCING NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_exercises();
CREATE TRIGGER insights_log_update AFTER UPDATE ON exercise_movement_patterns
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_exercises();
CREATE TRIGGER insights_log_delete AFTER DELETE ON exercise_movement_patterns
REFERENCING OLD TABLE AS old_rows EXECUTE FUNCTION log_changed_exercises();
CREATE TRIGGER insights_log_truncate AFTER TRUNCATE ON exercise_movement_patterns EXECUTE FUNCTION log_truncation();

-- step: traits of lifts
CREATE TRIGGER insights_log_insert AFTER INSERT ON exercise_traits
REFERENCING NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_exercises();
CREATE TRIGGER insights_log_update AFTER UPDATE ON exercise_traits
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_exercises();
CREATE TRIGGER insights_log_delete AFTER DELETE ON exercise_traits
REFERENCING OLD TABLE AS old_rows EXECUTE FUNCTION log_changed_exercises();
CREATE TRIGGER insights_log_truncate AFTER TRUNCATE ON exercise_traits EXECUTE FUNCTION log_truncation();

-- step: muscles of lifts
CREATE TRIGGER insights_log_insert AFTER INSERT ON exercise_biomechanics
REFERENCING NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_exercises();
CREATE TRIGGER insights_log_update AFTER UPDATE ON exercise_biomechanics
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_exercises();
CREATE TRIGGER insights_log_delete AFTER DELETE ON exercise_biomechanics
REFERENCING OLD TABLE AS old_rows EXECUTE FUNCTION log_changed_exercises();
CREATE TRIGGER insights_log_truncate AFTER TRUNCATE ON exercise_biomechanics EXECUTE FUNCTION log_truncation();

-- step: users
CREATE TRIGGER insights_log_update AFTER UPDATE OF tz, units, training_frequency ON users
FOR EACH ROW WHEN (
    OLD.tz IS DISTINCT FROM NEW.tz OR OLD.units IS DISTINCT FROM NEW.units
    OR OLD.training_frequency IS DISTINCT FROM NEW.training_frequency
) EXECUTE FUNCTION log_changed_user();

-- step: preferences
CREATE TRIGGER insights_log_insert AFTER INSERT ON user_preferences
REFERENCING NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_preferences();
CREATE TRIGGER insights_log_update AFTER UPDATE ON user_preferences
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_preferences();
CREATE TRIGGER insights_log_delete AFTER DELETE ON user_preferences
REFERENCING OLD TABLE AS old_rows EXECUTE FUNCTION log_changed_preferences();
CREATE TRIGGER insights_log_truncate AFTER TRUNCATE ON user_preferences EXECUTE FUNCTION log_truncation();

-- step: body weights
CREATE TRIGGER insights_log_insert AFTER INSERT ON user_body_weights
REFERENCING NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_body_weights();
CREATE TRIGGER insights_log_update AFTER UPDATE ON user_body_weights
REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows EXECUTE FUNCTION log_changed_body_weights();
CREATE TRIGGER insights_log_delete AFTER DELETE ON user_body_weights
REFERENCING OLD TABLE AS old_rows EXECUTE FUNCTION log_changed_body_weights();
CREATE TRIGGER insights_log_truncate AFTER TRUNCATE ON user_body_weights EXECUTE FUNCTION log_truncation();

-- step: what was before the log
-- Sessions that were logged while the migrations ran may lack derived columns: the first run derives everybody's.
INSERT INTO analytics_changes (kind) VALUES ('everything');
