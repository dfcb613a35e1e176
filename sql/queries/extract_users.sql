-- The lifters of the shard, with the zone and the units as the app stores them.
SELECT u.id AS user_id,
       coalesce(u.tz, 'UTC') AS time_zone,
       lower(coalesce(p.preferred_units, u.units, 'metric')) AS units,
       lower(u.training_experience) AS training_experience,
       u.training_frequency
FROM shard_users AS s
JOIN users AS u ON u.id = s.user_id
LEFT JOIN user_preferences AS p ON p.user_id = u.id
