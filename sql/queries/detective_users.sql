-- The users whose sets are looked at, with their addresses: all that have a session, or one.
SELECT u.id, u.email
FROM users AS u
WHERE (%(user_id)s::uuid IS NULL OR u.id = %(user_id)s::uuid)
  AND EXISTS (SELECT FROM workout_sessions AS w WHERE w.user_id = u.id)
ORDER BY u.id
