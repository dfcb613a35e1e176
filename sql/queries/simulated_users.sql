-- Which of these addresses are taken, by whom their users were made, and (full_name) by which recipe.
SELECT u.email, u.full_name, e.made_by
FROM users AS u
LEFT JOIN engine_users AS e ON e.user_id = u.id
WHERE u.email = ANY(%(emails)s)
