-- Rows of the legacy tables: with these gone, nothing is left to rebuild them from.
SELECT 'users' AS what, count(*) AS n FROM users
UNION ALL SELECT 'plans', count(*) FROM plans
UNION ALL SELECT 'subscriptions', count(*) FROM subscriptions
UNION ALL SELECT 'exercise_catalog', count(*) FROM exercise_catalog
UNION ALL SELECT 'exercise_categories', count(*) FROM exercise_categories
UNION ALL SELECT 'muscle_groups', count(*) FROM muscle_groups
UNION ALL SELECT 'equipment', count(*) FROM equipment
UNION ALL SELECT 'movement_patterns', count(*) FROM movement_patterns
UNION ALL SELECT 'exercise_muscle_groups', count(*) FROM exercise_muscle_groups
UNION ALL SELECT 'exercise_equipment', count(*) FROM exercise_equipment
UNION ALL SELECT 'exercise_movement_patterns', count(*) FROM exercise_movement_patterns
UNION ALL SELECT 'workouts', count(*) FROM workouts
UNION ALL SELECT 'workout_exercises', count(*) FROM workout_exercises
UNION ALL SELECT 'workout_sessions', count(*) FROM workout_sessions
UNION ALL SELECT 'exercise_sets', count(*) FROM exercise_sets;
