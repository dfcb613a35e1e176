-- How many performances each of the shard's users has, by which their sets are estimated.
SELECT s.user_id, count(p.id) AS performances
FROM shard_users AS s
LEFT JOIN workout_sessions AS ws ON ws.user_id = s.user_id
LEFT JOIN exercise_performances AS p ON p.workout_session_id = ws.id
GROUP BY s.user_id
