-- Which of the catalogue's lifts are variations of which. A pair that somebody else made (another id) is left alone.
INSERT INTO exercise_variations AS stored (id, parent_exercise_id, variation_exercise_id, variation_type)
SELECT id, parent_exercise_id, variation_exercise_id, variation_type
FROM jsonb_populate_recordset(NULL::exercise_variations, %(rows)s)
ORDER BY id
ON CONFLICT (parent_exercise_id, variation_exercise_id) DO UPDATE
SET variation_type = excluded.variation_type
WHERE stored.id = excluded.id AND stored.variation_type IS DISTINCT FROM excluded.variation_type
RETURNING stored.variation_exercise_id AS exercise_id
