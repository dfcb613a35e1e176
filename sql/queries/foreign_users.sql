-- How many users of this database neither the demo nor the simulator has made.
SELECT count(*) AS users
FROM users AS u
WHERE NOT EXISTS (SELECT FROM engine_users AS e WHERE e.user_id = u.id AND e.made_by IN ('demo', 'simulate'))
