-- The performances of the shard's users, with the session and the lift they belong to; see packed_sets.sql.
SELECT ep.id, ws.user_id, wbe.exercise_id, ws.id AS session_id, ws.status, ws.start_time, ws.end_time
FROM workout_sessions AS ws
JOIN exercise_performances AS ep ON ep.workout_session_id = ws.id
JOIN workout_block_exercises AS wbe ON wbe.id = ep.workout_block_exercise_id
-- An array, not a join: a merge of the shard with all sessions in the order of users reads every user before it.
WHERE ws.user_id = ANY (ARRAY(SELECT s.user_id FROM shard_users AS s))
