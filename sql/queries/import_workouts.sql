-- One workout a session: what was done, not a template.
INSERT INTO workouts (id, name, is_template, is_public, created_by_id)
SELECT workout_id, title, false, false, %(user_id)s FROM import_sessions
ON CONFLICT (id) DO UPDATE SET name = excluded.name, updated_at = now()
WHERE workouts.name IS DISTINCT FROM excluded.name
