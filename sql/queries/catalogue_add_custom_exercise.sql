-- A lifter's own lift, if it is not there yet. Its muscles and movements are unknown: it has no rows there.
WITH made AS (
    INSERT INTO exercise_catalog (
        id, name, is_custom, created_by_id, category_id, unilateral, is_bodyweight,
        supports_gps, supports_pool, supports_hr, created_at, updated_at
    )
    SELECT %(id)s, %(name)s, true, %(user_id)s, category.id, false, %(load_kind)s IN ('bodyweight', 'assisted'),
           false, false, false, now(), now()
    FROM exercise_categories AS category
    WHERE category.name = %(category)s
    ON CONFLICT (id) DO NOTHING
    RETURNING id
)
INSERT INTO exercise_traits (exercise_id, load_kind, modality, is_deadlift)
SELECT id, %(load_kind)s, %(modality)s, false FROM made
