-- The lifts that a user trained on most days with an estimate, most first, with their days and estimates.
WITH chosen AS (
    SELECT exercise_id, count(*) AS days
    FROM strength_progressions
    WHERE user_id = %(user_id)s AND estimated_1rm_kg IS NOT NULL
    GROUP BY exercise_id
    ORDER BY days DESC, exercise_id
    LIMIT %(lifts)s
)
SELECT c.name AS lift, s.measurement_date AS day, s.estimated_1rm_kg::float8 AS estimate_kg,
       s.confidence_score::float8 AS confidence
FROM chosen AS k
JOIN exercise_catalog AS c ON c.id = k.exercise_id
JOIN strength_progressions AS s
  ON s.exercise_id = k.exercise_id AND s.user_id = %(user_id)s AND s.estimated_1rm_kg IS NOT NULL
ORDER BY k.days DESC, c.name, s.measurement_date
