-- The muscles of the catalogue's lifts. A row that somebody else made for one of them (another id) is left alone.
WITH told AS (
    SELECT * FROM jsonb_populate_recordset(NULL::exercise_biomechanics, %(rows)s)
),
gone AS (
    DELETE FROM exercise_biomechanics AS stored
    WHERE stored.id = ANY(%(own)s::uuid[]) AND NOT EXISTS (SELECT FROM told WHERE told.id = stored.id)
    RETURNING stored.exercise_id
),
written AS (
    INSERT INTO exercise_biomechanics AS stored (id, exercise_id, primary_muscles, secondary_muscles, stabilizer_muscles)
    SELECT id, exercise_id, primary_muscles, secondary_muscles, stabilizer_muscles FROM told ORDER BY id
    ON CONFLICT (exercise_id) DO UPDATE
    SET primary_muscles = excluded.primary_muscles,
        secondary_muscles = excluded.secondary_muscles,
        stabilizer_muscles = excluded.stabilizer_muscles
    WHERE stored.id = excluded.id
      AND (stored.primary_muscles, stored.secondary_muscles, stored.stabilizer_muscles)
          IS DISTINCT FROM (excluded.primary_muscles, excluded.secondary_muscles, excluded.stabilizer_muscles)
    RETURNING stored.exercise_id
)
SELECT exercise_id FROM gone UNION SELECT exercise_id FROM written
