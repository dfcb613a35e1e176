-- Users without preferences or with other units, and goals that are neither carried over nor kept aside.
SELECT 'user has no preferences' AS problem, u.id::text AS subject
FROM users AS u
WHERE NOT EXISTS (SELECT FROM user_preferences AS p WHERE p.user_id = u.id)
UNION ALL
SELECT 'fitness_goal is not carried over', u.id::text
FROM users AS u
WHERE u.fitness_goal IS NOT NULL AND u.primary_goals[1] IS DISTINCT FROM u.fitness_goal
  AND NOT EXISTS (SELECT FROM migration_quarantine AS q WHERE q.source_table = 'users' AND q.source_id = u.id);
