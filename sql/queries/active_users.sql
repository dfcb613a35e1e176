-- The users that a run looks at: active, with at least one session, in the order of their ids; or one of them.
SELECT u.id, coalesce(u.tz, 'UTC') AS time_zone
FROM users AS u
WHERE u.is_active
  AND (%(user_id)s::uuid IS NULL OR u.id = %(user_id)s::uuid)
  AND EXISTS (SELECT FROM workout_sessions AS w WHERE w.user_id = u.id)
ORDER BY u.id
