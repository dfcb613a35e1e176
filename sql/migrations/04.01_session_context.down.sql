-- Drops the context of sessions.
-- locks: workout_sessions ACCESS EXCLUSIVE

-- step: functions
DROP FUNCTION session_times(workout_sessions);
DROP FUNCTION local_time(timestamptz, text);

-- step: index (no transaction)
DROP INDEX CONCURRENTLY IF EXISTS idx_workout_sessions_user_start;

-- step: table
DROP TABLE session_context;
