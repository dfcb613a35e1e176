-- Each exercise of a session with the number of its lift (a user and an exercise) and all that its sets share, so that
-- the sets themselves are joined once, to narrow rows.
CREATE UNLOGGED TABLE peer.performances AS
SELECT ep.id AS performance_id, s.session, s.day, s.user_id, wbe.exercise_id,
       dense_rank() OVER (ORDER BY s.user_id, wbe.exercise_id)::integer AS lift,
       x.load_kind, x.modality = 'timed' AS timed, x.is_deadlift,
       CASE WHEN x.load_kind IN ('bodyweight', 'assisted') THEN s.body_weight_kg END AS body_weight_kg,
       CASE WHEN x.load_kind IN ('bodyweight', 'assisted') AND x.bodyweight_share > 0
            THEN s.body_weight_kg * x.bodyweight_share END AS body_part_kg
FROM peer.sessions AS s
JOIN exercise_performances AS ep ON ep.workout_session_id = s.session_id
JOIN workout_block_exercises AS wbe ON wbe.id = ep.workout_block_exercise_id
JOIN peer.exercises AS x ON x.exercise_id = wbe.exercise_id
