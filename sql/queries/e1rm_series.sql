-- The day's estimates of users' lifts, each over days of its own, oldest first, for charts; by the number of the wish.
SELECT w.number, s.measurement_date AS day, s.estimated_1rm_kg::float8 AS estimate_kg
FROM unnest(%(user_ids)s::uuid[], %(exercise_ids)s::uuid[], %(since)s::date[], %(until)s::date[])
    WITH ORDINALITY AS w (user_id, exercise_id, since, until, number)
JOIN strength_progressions AS s
    ON s.user_id = w.user_id AND s.exercise_id = w.exercise_id AND s.measurement_date BETWEEN w.since AND w.until
WHERE s.estimated_1rm_kg IS NOT NULL
ORDER BY w.number, s.measurement_date
