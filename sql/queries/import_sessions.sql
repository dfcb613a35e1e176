-- The sessions of the log. Their identity is the log's own start; the instant moves with the time zone.
WITH written AS (
    INSERT INTO workout_sessions (id, user_id, workout_id, start_time, end_time, status, notes)
    SELECT session_id, %(user_id)s, workout_id, start_time, end_time, 'COMPLETED', notes FROM import_sessions
    ON CONFLICT (id) DO UPDATE SET
        start_time = excluded.start_time, end_time = excluded.end_time, notes = excluded.notes, updated_at = now()
    WHERE (workout_sessions.start_time, workout_sessions.end_time, workout_sessions.notes)
        IS DISTINCT FROM (excluded.start_time, excluded.end_time, excluded.notes)
    RETURNING id, xmax = 0 AS added
)
INSERT INTO import_touched (id, added) SELECT id, added FROM written
