-- What kind of work a lifter's own exercises are, by all their sets: never lifted and over a distance is cardio,
-- never lifted and only timed is timed, all else is strength. What somebody has called mobility stays so.
WITH done AS (
    SELECT
        b.exercise_id,
        bool_or(coalesce(s.weight_kg, 0) <> 0 OR coalesce(s.reps_completed, 0) > 0) AS lifted,
        bool_or(s.duration_seconds IS NOT NULL) AS timed
    FROM workout_block_exercises AS b
    JOIN exercise_performances AS p ON p.workout_block_exercise_id = b.id
    JOIN set_executions AS s ON s.exercise_performance_id = p.id
    WHERE b.exercise_id = ANY(%(exercise_ids)s)
    GROUP BY b.exercise_id
), judged AS (
    SELECT d.exercise_id, CASE
        WHEN d.lifted THEN 'strength'
        WHEN d.exercise_id = ANY(%(moved_ids)s) OR t.modality = 'cardio' THEN 'cardio'
        WHEN d.timed THEN 'timed'
        ELSE 'strength'
    END AS modality
    FROM done AS d
    LEFT JOIN exercise_traits AS t ON t.exercise_id = d.exercise_id
)
INSERT INTO exercise_traits (exercise_id, load_kind, modality)
SELECT exercise_id, 'free', modality FROM judged
ON CONFLICT (exercise_id) DO UPDATE SET modality = excluded.modality
WHERE exercise_traits.modality NOT IN ('mobility', excluded.modality)
