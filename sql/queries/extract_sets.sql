-- The set executions of the shard's users, one row a set, of every session status.
-- A moment that no calendar here can hold ('infinity', before Christ) is as good as none.
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
FROM workout_sessions AS ws
JOIN exercise_performances AS ep ON ep.workout_session_id = ws.id
JOIN workout_block_exercises AS wbe ON wbe.id = ep.workout_block_exercise_id
JOIN set_executions AS se ON se.exercise_performance_id = ep.id
-- An array, not a join: a merge of the shard with all sessions in the order of users reads every user before it.
WHERE ws.user_id = ANY (ARRAY(SELECT s.user_id FROM shard_users AS s))
