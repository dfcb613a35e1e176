-- Lets another percentage of users through.
UPDATE rollout_flags SET percent = %(percent)s, updated_at = now() WHERE name = %(name)s
