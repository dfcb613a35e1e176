-- Those of some ids that no user has.
SELECT f.id FROM unnest(%(user_ids)s::uuid[]) AS f (id) WHERE NOT EXISTS (SELECT FROM users AS u WHERE u.id = f.id)
