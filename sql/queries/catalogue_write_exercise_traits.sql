-- How the catalogue's lifts carry their load.
INSERT INTO exercise_traits AS stored (exercise_id, load_kind, modality, bodyweight_share, is_deadlift)
SELECT exercise_id, load_kind, modality, bodyweight_share, is_deadlift
FROM jsonb_populate_recordset(NULL::exercise_traits, %(rows)s)
ORDER BY exercise_id
ON CONFLICT (exercise_id) DO UPDATE
SET load_kind = excluded.load_kind,
    modality = excluded.modality,
    bodyweight_share = excluded.bodyweight_share,
    is_deadlift = excluded.is_deadlift
WHERE (stored.load_kind, stored.modality, stored.bodyweight_share, stored.is_deadlift)
    IS DISTINCT FROM
    (excluded.load_kind, excluded.modality, excluded.bodyweight_share, excluded.is_deadlift)
RETURNING stored.exercise_id
