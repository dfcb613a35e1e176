-- Each legacy table that is missing.
SELECT 'table is missing' AS problem, name AS subject
FROM unnest(ARRAY[
    'users', 'plans', 'subscriptions', 'exercise_categories', 'muscle_groups', 'equipment', 'movement_patterns',
    'exercise_muscle_groups', 'exercise_equipment', 'exercise_movement_patterns', 'exercise_catalog', 'workouts',
    'workout_exercises', 'workout_sessions', 'exercise_sets'
]) AS name
WHERE to_regclass('public.' || name) IS NULL;
