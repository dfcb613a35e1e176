-- Chooses the active users whose sets are in files, with the last day of each and the number of those sets.
INSERT INTO chosen_users (id, as_of, sets)
SELECT u.id, d.day, f.sets
FROM unnest(%(file_users)s::uuid[], %(file_sets)s::bigint[]) AS f (user_id, sets)
JOIN users AS u ON u.id = f.user_id
JOIN unnest(%(zones)s::text[], %(days)s::date[]) AS d (zone, day) ON d.zone = coalesce(u.tz, 'UTC')
WHERE u.is_active AND (%(user_id)s::uuid IS NULL OR u.id = %(user_id)s::uuid)
