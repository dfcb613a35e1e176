-- Of the catalogue's lifts and no others: pairs that are no longer told go, missing ones are added. Returns the lifts touched.
WITH told AS (
    SELECT DISTINCT exercise_id, other_id
    FROM unnest(%(exercises)s::uuid[], %(others)s::uuid[]) AS pair (exercise_id, other_id)
),
gone AS (
    DELETE FROM exercise_equipment AS stored
    WHERE stored.exercise_id = ANY(%(catalogue)s::uuid[])
      AND NOT EXISTS (SELECT FROM told WHERE told.exercise_id = stored.exercise_id AND told.other_id = stored.equipment_id)
    RETURNING stored.exercise_id
),
made AS (
    INSERT INTO exercise_equipment (exercise_id, equipment_id)
    SELECT told.exercise_id, told.other_id
    FROM told
    WHERE NOT EXISTS (SELECT FROM exercise_equipment AS stored WHERE stored.exercise_id = told.exercise_id AND stored.equipment_id = told.other_id)
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING
    RETURNING exercise_id
)
SELECT exercise_id FROM gone UNION SELECT exercise_id FROM made
