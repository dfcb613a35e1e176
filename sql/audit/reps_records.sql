-- By lift and day the heaviest set that had more repetitions than every earlier day's sets at its weight or more, of
-- which there is one: its weight and repetitions, the most of before, and the first day that had those.
-- Only the first day of a weight with that many repetitions can be a record.
WITH firsts AS (
    SELECT user_id, exercise_id, carried, reach_kg, reps, min(day) AS day
    FROM counted_sets
    WHERE for_records
    GROUP BY user_id, exercise_id, carried, reach_kg, reps
), records AS (
    SELECT n.user_id, n.exercise_id, n.carried, n.day, n.reach_kg, n.reps,
           max(e.reps) AS previous_reps, arg_min(e.day, (-e.reps, e.day)) AS previous_day
    FROM firsts AS n
    JOIN firsts AS e
        ON e.user_id = n.user_id AND e.exercise_id = n.exercise_id AND e.carried = n.carried
        AND e.day < n.day AND e.reach_kg >= n.reach_kg
    GROUP BY n.user_id, n.exercise_id, n.carried, n.day, n.reach_kg, n.reps
    HAVING max(e.reps) < n.reps
)
SELECT *
FROM records
QUALIFY row_number() OVER (PARTITION BY user_id, exercise_id, carried, day ORDER BY reach_kg DESC, reps DESC) = 1
