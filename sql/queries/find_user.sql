-- The user with this id or e-mail.
SELECT u.id FROM users AS u WHERE u.id::text = lower(%(user)s) OR lower(u.email) = lower(%(user)s)
