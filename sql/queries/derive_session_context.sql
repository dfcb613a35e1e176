-- Derives the times of users' sessions where they are not as defined. session_times() is the definition.
INSERT INTO session_context AS c (id, workout_session_id, time_of_day, days_since_last_workout)
SELECT t.* FROM workout_sessions AS ws CROSS JOIN LATERAL session_times(ws) AS t
WHERE ws.user_id = ANY(%(user_ids)s)
ON CONFLICT (workout_session_id) DO UPDATE SET
    time_of_day = excluded.time_of_day, days_since_last_workout = excluded.days_since_last_workout
WHERE (c.time_of_day, c.days_since_last_workout)
    IS DISTINCT FROM (excluded.time_of_day, excluded.days_since_last_workout)
