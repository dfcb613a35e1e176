-- The lifts that the shard's sets name. Where exercise_traits has no row, the catalogue's own columns decide.
SELECT c.id AS exercise_id,
       c.name,
       coalesce(c.is_custom, false) AS is_custom,
       coalesce(t.load_kind, CASE WHEN c.is_bodyweight THEN 'bodyweight' ELSE 'free' END) AS load_kind,
       coalesce(t.modality, CASE WHEN k.name ILIKE 'cardio%' THEN 'cardio'
                                 WHEN k.name ~* '(stretch|mobility)' THEN 'mobility'
                                 ELSE 'strength' END) AS modality,
       t.bodyweight_share,
       coalesce(t.is_deadlift, c.name ~* '\mdeadlift' AND c.name !~* '(romanian|stiff|straight)') AS is_deadlift
FROM shard_exercises AS s
JOIN exercise_catalog AS c ON c.id = s.exercise_id
LEFT JOIN exercise_traits AS t ON t.exercise_id = c.id
LEFT JOIN exercise_categories AS k ON k.id = c.category_id
