-- The users with sessions or with stored analytics, in the order of their ids; or one of them.
SELECT u.id, u.is_active, u.created_at, coalesce(u.tz, 'UTC') AS time_zone
FROM users AS u
WHERE (%(user_id)s::uuid IS NULL OR u.id = %(user_id)s::uuid)
  AND (EXISTS (SELECT FROM workout_sessions AS w WHERE w.user_id = u.id)
       OR EXISTS (SELECT FROM volume_analytics AS v WHERE v.user_id = u.id)
       OR EXISTS (SELECT FROM strength_progressions AS p WHERE p.user_id = u.id)
       OR EXISTS (SELECT FROM insight_data_points AS d WHERE d.user_id = u.id AND d.superseded_at IS NULL))
ORDER BY u.id
