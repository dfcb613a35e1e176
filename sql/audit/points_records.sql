-- Data points on the newest weight, reps and volume record of each lift in the last 28 days, and on what stood before.
WITH recent AS (
    SELECT d.*
    FROM lift_days AS d
    JOIN lifters AS l USING (user_id)
    WHERE d.day BETWEEN l.as_of - 27 AND l.as_of
), trusted AS (
    SELECT user_id, exercise_id, day, 1 - count(*) FILTER (WHERE doubtful) / count(*) AS trust
    FROM trusted_sets
    GROUP BY user_id, exercise_id, day
), flagged AS (
    SELECT *, 'weight' AS kind FROM recent WHERE weight_pr
    UNION ALL
    SELECT *, 'reps' FROM recent WHERE reps_pr
    UNION ALL
    SELECT *, 'volume' FROM recent WHERE volume_pr
), newest AS (
    SELECT f.*, t.trust
    FROM flagged AS f
    JOIN trusted AS t USING (user_id, exercise_id, day)
    QUALIFY row_number() OVER (PARTITION BY f.user_id, f.exercise_id, f.kind ORDER BY f.day DESC) = 1
), facts AS (
    SELECT user_id, exercise_id, kind, day, trust, carried, unnest([
        {record: 'weight', data_type: 'weight_record_kg', numeric_value: heaviest_kg, set_on: day, source_id: id},
        {record: 'weight', data_type: 'weight_record_reps', numeric_value: CAST(heaviest_reps AS DOUBLE),
         set_on: day, source_id: NULL},
        {record: 'weight', data_type: 'weight_record_previous_kg', numeric_value: previous_heaviest_kg,
         set_on: previous_heaviest_day, source_id: NULL},
        {record: 'reps', data_type: 'reps_record_reps', numeric_value: CAST(reps_record_reps AS DOUBLE),
         set_on: day, source_id: id},
        {record: 'reps', data_type: 'reps_record_weight_kg', numeric_value: reps_record_weight_kg,
         set_on: day, source_id: id},
        {record: 'reps', data_type: 'reps_record_previous_reps',
         numeric_value: CAST(reps_record_previous_reps AS DOUBLE),
         set_on: reps_record_previous_day, source_id: NULL},
        {record: 'volume', data_type: 'volume_record_kg', numeric_value: volume_kg, set_on: day, source_id: id},
        {record: 'volume', data_type: 'volume_record_previous_kg', numeric_value: previous_volume_kg,
         set_on: previous_volume_day, source_id: NULL}
    ], recursive := true)
    FROM newest
)
SELECT user_id, data_type, day AS measurement_date, exercise_id AS entity_id,
       set_on AS window_start, set_on AS window_end, numeric_value, 1 AS n, source_id, trust AS confidence_score,
       kind || '_record/1' || CASE WHEN carried AND kind <> 'reps' THEN '+body_weight' ELSE '' END AS calculation_method
FROM facts
WHERE record = kind
