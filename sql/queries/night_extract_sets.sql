-- The set executions of some users' sessions that start between two instants, one row a set, of every session status; of
-- a span that names a lift those of that lift alone. Sessions that nobody dated come along: the day of each follows from
-- its sets.
-- A moment that no calendar here can hold ('infinity', before Christ) is as good as none.
WITH near AS (
    SELECT ws.id, s.exercise_id
    FROM shard_spans AS s
    JOIN workout_sessions AS ws
        ON ws.user_id = s.user_id AND ws.start_time >= s.first_instant AND ws.start_time < s.last_instant
    UNION ALL
    SELECT ws.id, s.exercise_id
    FROM (SELECT DISTINCT s.user_id, s.exercise_id FROM shard_spans AS s) AS s
    JOIN workout_sessions AS ws
        ON ws.user_id = s.user_id
       AND (ws.start_time IS NULL OR ws.start_time < '0002-01-01' OR ws.start_time > '9998-12-31')
), wanted AS (
    SELECT n.id, CASE WHEN bool_and(n.exercise_id IS NOT NULL) THEN array_agg(n.exercise_id) END AS exercise_ids
    FROM near AS n
    GROUP BY n.id
)
SELECT ws.user_id,
       wbe.exercise_id,
       ws.id AS session_id,
       ep.id AS performance_id,
       se.id AS set_id,
       ws.status::text AS session_status,
       CASE WHEN ws.start_time BETWEEN '0002-01-01' AND '9998-12-31' THEN ws.start_time END AS session_start,
       CASE WHEN ws.end_time BETWEEN '0002-01-01' AND '9998-12-31' THEN ws.end_time END AS session_end,
       se.set_number,
       se.set_type::text AS set_type,
       se.source_set_type,
       se.weight_kg::float8 AS weight_kg,
       se.reps_completed,
       se.reps_attempted,
       se.rpe_value::float8 AS rpe_value,
       se.rpe_scale::text AS rpe_scale,
       se.rom_quality::text AS rom_quality,
       se.partial_reps,
       se.assisted_reps,
       se.duration_seconds AS duration_s,
       CASE WHEN se.start_time BETWEEN '0002-01-01' AND '9998-12-31' THEN se.start_time END AS start_time,
       CASE WHEN se.end_time BETWEEN '0002-01-01' AND '9998-12-31' THEN se.end_time END AS end_time,
       se.created_at
FROM wanted AS w
JOIN workout_sessions AS ws ON ws.id = w.id
JOIN exercise_performances AS ep ON ep.workout_session_id = ws.id
JOIN workout_block_exercises AS wbe ON wbe.id = ep.workout_block_exercise_id
JOIN set_executions AS se ON se.exercise_performance_id = ep.id
WHERE w.exercise_ids IS NULL OR wbe.exercise_id = ANY (w.exercise_ids)
