-- Workout exercises that are neither carried over with equal values nor kept aside, orders that repeat or are others
-- than the legacy ones, and exercises that were deleted and stay because of an error.
SELECT 'workout exercise is not carried over' AS problem, we.id::text AS subject
FROM workout_exercises AS we
LEFT JOIN workout_block_exercises AS be ON be.id = we.id
WHERE (
    be.id IS NULL
    OR (be.exercise_id, be.target_sets, be.target_reps_min, be.target_duration_seconds, be.rest_after_seconds, be.notes)
       IS DISTINCT FROM (we.exercise_id, we.sets, we.reps, we.duration, we.rest_duration, we.notes)
)
AND NOT EXISTS (SELECT FROM migration_quarantine AS q WHERE q.source_table = 'workout_exercises' AND q.source_id = we.id)
UNION ALL
SELECT 'exercise_order is not that of the legacy exercises', r.id::text
FROM (
    SELECT
        we.id,
        row_number() OVER (
            PARTITION BY be.workout_block_id ORDER BY coalesce(we."order", 2147483647), we.created_at, we.id
        ) AS legacy_rank,
        rank() OVER (PARTITION BY be.workout_block_id ORDER BY be.exercise_order) AS rank
    FROM workout_exercises AS we JOIN workout_block_exercises AS be ON be.id = we.id
    WHERE be.archived_at IS NULL
) AS r
WHERE r.legacy_rank <> r.rank
UNION ALL
SELECT 'deleted, and still carried over; `insights quarantine retry` ends that', be.id::text
FROM workout_block_exercises AS be JOIN migration_quarantine AS q ON q.source_id = be.id
WHERE q.source_table = 'workout_exercises' AND be.archived_at IS NULL
  AND NOT EXISTS (SELECT FROM workout_exercises AS we WHERE we.id = be.id);
