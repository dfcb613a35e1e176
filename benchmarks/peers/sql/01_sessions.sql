-- Sessions that began, numbered: the lifter's own day, the length where it is known, the body weight of the day.
CREATE UNLOGGED TABLE peer.sessions AS
SELECT row_number() OVER ()::integer AS session,
       t.session_id, t.user_id, t.day, w.weight_kg AS body_weight_kg,
       CASE WHEN t.ended - t.started BETWEEN '5 minutes' AND '6 hours'
            THEN (extract(epoch FROM t.ended - t.started) * 1000000)::bigint END AS length_us
FROM (
    SELECT ws.id AS session_id, ws.user_id,
           (coalesce(ws.start_time, f.started, f.created) AT TIME ZONE coalesce(u.tz, 'UTC'))::date AS day,
           coalesce(ws.start_time, f.started) AS started,
           coalesce(ws.end_time, f.ended) AS ended
    FROM workout_sessions AS ws
    JOIN users AS u ON u.id = ws.user_id
    CROSS JOIN LATERAL (
        SELECT min(se.start_time) AS started, max(se.end_time) AS ended, min(se.created_at) AS created
        FROM exercise_performances AS ep
        JOIN set_executions AS se ON se.exercise_performance_id = ep.id
        WHERE ep.workout_session_id = ws.id AND (ws.start_time IS NULL OR ws.end_time IS NULL)
    ) AS f
    WHERE ws.status <> 'NOT_STARTED'
) AS t
LEFT JOIN LATERAL (
    SELECT b.weight_kg::float8 AS weight_kg
    FROM user_body_weights AS b
    WHERE b.user_id = t.user_id AND b.measured_on <= t.day
    ORDER BY b.measured_on DESC
    LIMIT 1
) AS w ON true
WHERE t.day <= %(day)s
