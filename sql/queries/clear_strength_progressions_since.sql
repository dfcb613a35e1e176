-- Removes the rows of strength_progressions that are no longer derived, from each lift's day in `scope_lifts` on.
WITH removed AS (
    DELETE FROM strength_progressions AS t
    USING scope_lifts AS l
    WHERE t.user_id = l.user_id AND t.exercise_id = l.exercise_id AND t.measurement_date >= l.first_day
      AND NOT EXISTS (SELECT FROM staged_strength_progressions AS s WHERE s.id = t.id)
    RETURNING 1
)
SELECT count(*) AS removed FROM removed
