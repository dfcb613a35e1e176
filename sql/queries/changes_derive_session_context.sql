-- Derives the times of changed sessions, and of those after them up to the next that was started, where they are not as
-- defined. session_times() is the definition.
INSERT INTO session_context AS c (id, workout_session_id, time_of_day, days_since_last_workout)
SELECT DISTINCT t.*
FROM (SELECT DISTINCT g.user_id, g.at FROM engine_changes AS g WHERE g.user_id = ANY (%(user_ids)s)) AS g
CROSS JOIN LATERAL (
    SELECT min(later.start_time) AS start_time
    FROM workout_sessions AS later
    WHERE later.user_id = g.user_id AND later.start_time > g.at AND later.status <> 'NOT_STARTED'
) AS next
CROSS JOIN LATERAL (
    SELECT s AS session
    FROM workout_sessions AS s
    WHERE s.user_id = g.user_id AND s.start_time >= g.at
      AND (s.start_time <= next.start_time OR next.start_time IS NULL)
    OFFSET 0 -- else the planner reads all sessions of the user
) AS near
CROSS JOIN LATERAL session_times(near.session) AS t
ON CONFLICT (workout_session_id) DO UPDATE SET
    time_of_day = excluded.time_of_day, days_since_last_workout = excluded.days_since_last_workout
WHERE (c.time_of_day, c.days_since_last_workout)
    IS DISTINCT FROM (excluded.time_of_day, excluded.days_since_last_workout)
