-- Those of these exercises that are the lifter's own, not the catalogue's.
SELECT id FROM exercise_catalog WHERE id = ANY(%(exercise_ids)s) AND is_custom AND created_by_id = %(user_id)s
