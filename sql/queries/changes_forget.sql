-- Forgets the resolved changes of users who are gone.
DELETE FROM engine_changes AS c WHERE NOT EXISTS (SELECT FROM users AS u WHERE u.id = c.user_id)
