-- The 1RM known on a day: the median of the last up to three estimates, none of a deload day, of the 84 days before it.
-- For every lift and day with a counted set, and for the day after as_of; `days` are those of the estimates.
WITH wanted AS (
    SELECT DISTINCT user_id, exercise_id, day FROM counted_sets
    UNION
    SELECT DISTINCT d.user_id, d.exercise_id, l.as_of + 1 FROM lift_days AS d JOIN lifters AS l USING (user_id)
), newest AS (
    SELECT w.user_id, w.exercise_id, w.day,
           arg_max(e.estimate_kg, e.day, 3) AS estimates, arg_max(e.day, e.day, 3) AS days
    FROM wanted AS w
    JOIN lift_days AS e
        ON e.user_id = w.user_id AND e.exercise_id = w.exercise_id AND e.day BETWEEN w.day - 84 AND w.day - 1
    WHERE e.estimate_kg IS NOT NULL AND NOT e.deload
    GROUP BY w.user_id, w.exercise_id, w.day
)
SELECT user_id, exercise_id, day, middle(estimates) AS known_kg, days FROM newest
