-- The same by lift and day, with the per cent of the 1RM known before, times repetitions, where one is known.
WITH work AS (
    SELECT user_id, exercise_id, day,
           sum(hard_sets) AS hard_sets, sum(volume_units) AS volume_units, sum(reps) AS reps
    FROM session_work
    GROUP BY user_id, exercise_id, day
)
SELECT w.*,
       CASE WHEN k.known_kg > 0 THEN units(100 * of_units(w.volume_units) / k.known_kg) ELSE 0 END AS intensity_units,
       CASE WHEN k.known_kg > 0 THEN w.reps ELSE 0 END AS intensity_reps
FROM work AS w
LEFT JOIN known_1rms AS k USING (user_id, exercise_id, day)
