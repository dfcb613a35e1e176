-- Plan 4.1: what surrounded a session. Crowd, sleep quality, stress and energy run from 1 to 5. One row a session.
-- time_of_day and days_since_last_workout are derived; session_times() is their one definition. Rows of sessions that
-- come later are filled by the night.
-- locks: workout_sessions SHARE ROW EXCLUSIVE
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction -- that step runs without one

-- step: table
CREATE TABLE session_context (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    workout_session_id uuid NOT NULL UNIQUE REFERENCES workout_sessions (id) ON DELETE CASCADE,
    gym_location varchar(100),
    equipment_availability jsonb,
    crowd_level integer CHECK (crowd_level BETWEEN 1 AND 5),
    temperature_celsius integer,
    sleep_hours numeric(3, 1),
    sleep_quality integer CHECK (sleep_quality BETWEEN 1 AND 5),
    stress_level integer CHECK (stress_level BETWEEN 1 AND 5),
    energy_level integer CHECK (energy_level BETWEEN 1 AND 5),
    nutrition_timing varchar(20),
    caffeine_mg integer,
    other_supplements text[],
    time_of_day time,
    days_since_last_workout integer,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- step: sessions of a user in the order of time (no transaction)
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_workout_sessions_user_start ON workout_sessions (user_id, start_time);

-- step: what is derived of a session's times
-- A zone that the server does not know counts as UTC. A time that the zone moves out of the calendar is unknown there.
CREATE FUNCTION local_time(at timestamptz, zone text) RETURNS timestamp
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN at AT TIME ZONE coalesce(nullif(btrim(zone), ''), 'UTC');
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN at AT TIME ZONE 'UTC';
WHEN datetime_field_overflow THEN
    RETURN NULL;
END
$$;

-- time_of_day              when the session started, on the clock of its user's zone
-- days_since_last_workout  from the user's last earlier session that was started to this one, in the user's own days
-- A start at infinity has no time of day, and no distance to any other.
CREATE FUNCTION session_times(ws workout_sessions)
RETURNS TABLE (id uuid, workout_session_id uuid, time_of_day time, days_since_last_workout integer)
LANGUAGE sql STABLE
AS $$
    SELECT
        derived_id('session_context', ws.id::text), ws.id, local_time(ws.start_time, u.tz)::time,
        CASE WHEN isfinite(ws.start_time) THEN local_time(ws.start_time, u.tz)::date - (
            SELECT local_time(earlier.start_time, u.tz)::date
            FROM workout_sessions AS earlier
            WHERE earlier.user_id = ws.user_id
              AND earlier.start_time < ws.start_time AND earlier.start_time > '-infinity'
              AND earlier.status <> 'NOT_STARTED'
            ORDER BY earlier.start_time DESC
            LIMIT 1
        ) END
    FROM users AS u
    WHERE u.id = ws.user_id AND ws.start_time IS NOT NULL
$$;

-- step: derive the times of stored sessions (batches of workout_sessions)
INSERT INTO session_context (id, workout_session_id, time_of_day, days_since_last_workout)
SELECT t.* FROM workout_sessions AS ws CROSS JOIN LATERAL session_times(ws) AS t
WHERE ws.id BETWEEN $1 AND $2
FOR KEY SHARE OF ws
ON CONFLICT (workout_session_id) DO UPDATE SET
    time_of_day = excluded.time_of_day, days_since_last_workout = excluded.days_since_last_workout;
