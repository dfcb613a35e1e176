-- The head of a user's report.
SELECT u.id, coalesce(u.full_name, u.username, u.email) AS name, coalesce(u.tz, 'UTC') AS time_zone,
       lower(coalesce(p.preferred_units, u.units, 'metric')) AS units
FROM users AS u
LEFT JOIN user_preferences AS p ON p.user_id = u.id
WHERE u.id = %(user_id)s
