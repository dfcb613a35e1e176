-- The performances of some users' sessions that start between two instants; see packed_sets.sql. Sessions that nobody dated
-- come along: the day of each follows from its sets.
WITH near AS (
    SELECT ws.id
    FROM shard_spans AS s
    JOIN workout_sessions AS ws
        ON ws.user_id = s.user_id AND ws.start_time >= s.first_instant AND ws.start_time < s.last_instant
    UNION
    SELECT ws.id
    FROM (SELECT DISTINCT s.user_id FROM shard_spans AS s) AS s
    JOIN workout_sessions AS ws
        ON ws.user_id = s.user_id
       AND (ws.start_time IS NULL OR ws.start_time < '0002-01-01' OR ws.start_time > '9998-12-31')
)
SELECT ep.id, ws.user_id, wbe.exercise_id, ws.id AS session_id, ws.status, ws.start_time, ws.end_time
FROM near AS n
JOIN workout_sessions AS ws ON ws.id = n.id
JOIN exercise_performances AS ep ON ep.workout_session_id = ws.id
JOIN workout_block_exercises AS wbe ON wbe.id = ep.workout_block_exercise_id
