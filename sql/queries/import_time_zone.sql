-- Keeps the zone of an imported log as the user's, where the engine made the user or no zone is known.
UPDATE users AS u SET tz = %(time_zone)s, updated_at = now()
WHERE u.id = %(user_id)s
  AND u.tz IS DISTINCT FROM %(time_zone)s
  AND (u.tz IS NULL OR EXISTS (SELECT FROM engine_users AS e WHERE e.user_id = u.id))
