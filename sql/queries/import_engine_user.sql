-- Whether the engine made this user itself.
SELECT EXISTS (SELECT FROM engine_users WHERE user_id = %(user_id)s) AS ours
