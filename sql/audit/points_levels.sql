-- Data points on the level of a lift: the 1RM known after as_of, and the newest of the estimates behind it.
WITH levels AS (
    SELECT k.user_id, k.exercise_id, k.known_kg, list_min(k.days) AS first_day, list_max(k.days) AS last_day,
           len(k.days) AS estimates
    FROM known_1rms AS k
    JOIN lifters AS l ON l.user_id = k.user_id AND k.day = l.as_of + 1
), newest AS (
    SELECT v.*, d.id, d.estimate_kg, d.confidence, CASE WHEN d.carried THEN '+body_weight' ELSE '' END AS track
    FROM levels AS v
    JOIN lift_days AS d ON d.user_id = v.user_id AND d.exercise_id = v.exercise_id AND d.day = v.last_day
), facts AS (
    SELECT user_id, exercise_id, last_day, confidence, unnest([
        {data_type: 'e1rm_known_kg', numeric_value: known_kg, window_start: first_day, n: estimates,
         source_id: NULL::UUID, calculation_method: 'known_1rm/1' || track},
        {data_type: 'e1rm_known_confidence', numeric_value: confidence, window_start: first_day, n: estimates,
         source_id: id, calculation_method: 'known_1rm/1'},
        {data_type: 'e1rm_latest_kg', numeric_value: estimate_kg, window_start: last_day, n: 1,
         source_id: id, calculation_method: 'day_estimate/1' || track},
        {data_type: 'e1rm_latest_confidence', numeric_value: confidence, window_start: last_day, n: 1,
         source_id: id, calculation_method: 'day_estimate/1'}
    ], recursive := true)
    FROM newest
)
SELECT user_id, data_type, exercise_id AS entity_id, window_start, last_day AS window_end, numeric_value, n, source_id,
       confidence AS confidence_score, calculation_method
FROM facts
