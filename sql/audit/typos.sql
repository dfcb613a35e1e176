-- Sets whose weight is about ten times, or a tenth, of the median of at least five other weights of the lift within 60
-- days, and not confirmed. Only a set that is far from some weight of its window can be far from the median.
WITH population AS (
    SELECT set_id, user_id, exercise_id, weight_kg, weight_confirmed, day - DATE '1970-01-01' AS day_number
    FROM described_sets
    WHERE reason IS NULL AND weight_kg > 0
), framed AS (
    SELECT *, min(weight_kg) OVER near AS lowest, max(weight_kg) OVER near AS highest, count(*) OVER near AS sets
    FROM population
    WINDOW near AS (
        PARTITION BY user_id, exercise_id ORDER BY day_number RANGE BETWEEN 60 PRECEDING AND 60 FOLLOWING
    )
), compared AS (
    SELECT s.set_id, any_value(s.weight_kg) / middle(list(o.weight_kg)) AS ratio
    FROM framed AS s
    JOIN population AS o
        ON o.user_id = s.user_id AND o.exercise_id = s.exercise_id AND o.set_id <> s.set_id
        AND o.day_number BETWEEN s.day_number - 60 AND s.day_number + 60
    WHERE s.sets > 5 AND NOT s.weight_confirmed AND (s.weight_kg / s.lowest >= 8 OR s.weight_kg / s.highest <= 0.125)
    GROUP BY s.set_id
)
SELECT set_id FROM compared WHERE ratio BETWEEN 8 AND 12.5 OR ratio BETWEEN 0.08 AND 0.125
