-- The performances of some users' sessions that start between two instants; see packed_sets.sql. Sessions that nobody dated
-- come along: the day of each follows from its sets.
WITH near AS (
    SELECT ws.id, ws.user_id, ws.status, ws.start_time, ws.end_time
    FROM shard_spans AS s
    JOIN workout_sessions AS ws
        ON ws.user_id = s.user_id AND ws.start_time >= s.first_instant AND ws.start_time < s.last_instant
    UNION
    SELECT ws.id, ws.user_id, ws.status, ws.start_time, ws.end_time
    FROM (SELECT DISTINCT s.user_id FROM shard_spans AS s) AS s
    JOIN workout_sessions AS ws
        ON ws.user_id = s.user_id
       AND (ws.start_time IS NULL OR ws.start_time < '0002-01-01' OR ws.start_time > '9998-12-31')
)
SELECT ep.id, n.user_id, ep.exercise_id, n.id AS session_id, n.status, n.start_time, n.end_time
FROM near AS n
CROSS JOIN LATERAL (
    SELECT p.id, wbe.exercise_id
    FROM exercise_performances AS p
    JOIN workout_block_exercises AS wbe ON wbe.id = p.workout_block_exercise_id
    WHERE p.workout_session_id = n.id
    OFFSET 0 -- by key, however many sessions the planner thinks there are
) AS ep
