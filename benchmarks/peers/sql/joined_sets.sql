-- Every set with the session and exercise it belongs to: the columns that the science reads, nothing else.
SELECT ws.user_id,
       wbe.exercise_id,
       ws.id AS session_id,
       se.id AS set_id,
       ws.status,
       ws.start_time AS session_start,
       ws.end_time AS session_end,
       se.set_number,
       se.set_type,
       se.source_set_type,
       se.weight_kg,
       se.reps_completed,
       se.reps_attempted,
       se.rpe_value,
       se.rpe_scale,
       se.rom_quality,
       se.assisted_reps,
       se.duration_seconds,
       se.start_time,
       se.end_time,
       se.created_at
FROM workout_sessions AS ws
JOIN exercise_performances AS ep ON ep.workout_session_id = ws.id
JOIN workout_block_exercises AS wbe ON wbe.id = ep.workout_block_exercise_id
JOIN set_executions AS se ON se.exercise_performance_id = ep.id
