-- The traits of the exercises that strength analytics look at.
CREATE UNLOGGED TABLE peer.exercises AS
SELECT * FROM (
    SELECT c.id AS exercise_id,
           coalesce(t.load_kind, CASE WHEN c.is_bodyweight THEN 'bodyweight' ELSE 'free' END) AS load_kind,
           coalesce(t.modality, CASE WHEN k.name ILIKE 'cardio%%' THEN 'cardio'
                                     WHEN k.name ~* '(stretch|mobility)' THEN 'mobility'
                                     ELSE 'strength' END) AS modality,
           t.bodyweight_share::float8 AS bodyweight_share,
           coalesce(t.is_deadlift, c.name ~* '\mdeadlift' AND c.name !~* '(romanian|stiff|straight)') AS is_deadlift
    FROM exercise_catalog AS c
    LEFT JOIN exercise_traits AS t ON t.exercise_id = c.id
    LEFT JOIN exercise_categories AS k ON k.id = c.category_id
) AS x
WHERE modality IN ('strength', 'timed')
