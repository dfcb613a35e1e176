-- The catalogue's lifts by their own ids: new ones added, changed ones updated, equal ones left untouched.
INSERT INTO exercise_catalog AS stored (
    id, name, is_custom, category_id, mechanics, unilateral, is_bodyweight,
    supports_gps, supports_pool, supports_hr, created_at, updated_at
)
SELECT new.id, new.name, false, new.category_id, new.mechanics, new.unilateral, new.is_bodyweight,
       false, false, false, now(), now()
FROM jsonb_populate_recordset(NULL::exercise_catalog, %(exercises)s) AS new
ORDER BY new.id
ON CONFLICT (id) DO UPDATE
SET name = excluded.name,
    category_id = excluded.category_id,
    mechanics = excluded.mechanics,
    unilateral = excluded.unilateral,
    is_bodyweight = excluded.is_bodyweight,
    updated_at = now()
WHERE (stored.name, stored.category_id, stored.mechanics, stored.unilateral, stored.is_bodyweight)
    IS DISTINCT FROM
    (excluded.name, excluded.category_id, excluded.mechanics, excluded.unilateral, excluded.is_bodyweight)
RETURNING stored.id AS exercise_id, stored.xmax = 0 AS added
