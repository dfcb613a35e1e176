-- The day's estimates of one lift, oldest first, for a chart.
SELECT measurement_date AS day, estimated_1rm_kg::float8 AS estimate_kg
FROM strength_progressions
WHERE user_id = %(user_id)s AND exercise_id = %(exercise_id)s AND estimated_1rm_kg IS NOT NULL
  AND measurement_date BETWEEN %(since)s AND %(until)s
ORDER BY measurement_date
