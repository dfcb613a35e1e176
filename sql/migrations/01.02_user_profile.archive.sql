-- Training context and preferences that someone has set since: the legacy columns do not hold them.
SELECT 'users' AS table_name, ARRAY['id'] AS key, jsonb_build_object('id', u.id) || d.fields AS row, true AS delta
FROM users AS u
CROSS JOIN LATERAL jsonb_delta(
    jsonb_build_object(
        'training_experience', u.training_experience, 'injury_history', u.injury_history,
        'training_frequency', u.training_frequency, 'primary_goals', u.primary_goals
    ),
    jsonb_build_object('primary_goals', CASE
        WHEN u.primary_goals IS NOT NULL AND u.fitness_goal IS NOT NULL THEN ARRAY[u.fitness_goal]
    END)
) AS d (fields)
WHERE d.fields <> '{}'
UNION ALL
SELECT 'user_preferences', ARRAY['user_id'], jsonb_build_object('user_id', p.user_id) || d.fields, true
FROM user_preferences AS p
JOIN users AS u ON u.id = p.user_id
CROSS JOIN LATERAL legacy_preferences(u) AS m
CROSS JOIN LATERAL jsonb_delta(
    to_jsonb(p) - ARRAY['id', 'created_at', 'updated_at', 'llm_processing'],
    jsonb_build_object(
        'user_id', p.user_id, 'preferred_units', m.preferred_units, 'default_rest_seconds', 120, 'track_rpe', true,
        'track_rom', false, 'track_tempo', false, 'workout_reminders', true, 'progress_updates', true,
        'insight_notifications', true, 'share_workouts', false, 'research_participation', false
    )
) AS d (fields)
WHERE d.fields <> '{}';
