-- The time zones of users, as the app stores them.
SELECT DISTINCT coalesce(u.tz, 'UTC') AS time_zone FROM users AS u
WHERE u.is_active AND (%(user_id)s::uuid IS NULL OR u.id = %(user_id)s::uuid)
