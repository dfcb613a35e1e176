-- Carries a user's fitness_goal over where the row may be updated by now, and forgets that it was kept aside.
WITH carried AS (
    UPDATE users SET primary_goals = ARRAY[fitness_goal]
    WHERE id = %(id)s AND fitness_goal IS NOT NULL AND primary_goals IS NULL AND email ~* '^.+@.+\..+$'
)
DELETE FROM migration_quarantine AS q
WHERE q.source_table = 'users' AND q.source_id = %(id)s AND q.reason LIKE 'fitness_goal%%'
  AND NOT EXISTS (
      SELECT FROM users AS u
      WHERE u.id = q.source_id AND u.fitness_goal IS NOT NULL AND u.email !~* '^.+@.+\..+$'
  )
