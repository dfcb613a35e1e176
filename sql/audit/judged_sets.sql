-- Every set with its load, its reps in reserve, and its verdict for each use: the word for tonnage (the reason or
-- "counted"), yes or no for the others.
WITH loaded AS (
    SELECT d.*,
           coalesce(d.reason, CASE WHEN t.set_id IS NOT NULL THEN 'typo' END) AS general_reason,
           CASE WHEN d.bodyweight_share > 0 THEN d.body_weight_kg * d.bodyweight_share END AS body_part_kg,
           d.body_weight_kg - abs(d.weight_kg) AS left_kg
    FROM described_sets AS d
    LEFT JOIN typos AS t USING (set_id)
), facts AS (
    SELECT *,
           CASE
               WHEN weight_is_no_number THEN NULL
               WHEN load_kind IN ('free', 'machine') THEN CASE WHEN weight_kg > 0 THEN weight_kg END
               WHEN load_kind = 'bodyweight' AND coalesce(weight_kg, 0) >= 0
                   THEN coalesce(body_part_kg, 0) + coalesce(weight_kg, 0)
               WHEN load_kind = 'assisted' AND left_kg > 0 THEN left_kg
           END AS load_kg,
           CASE
               WHEN set_type = 'warmup' OR contradictory THEN NULL
               WHEN set_type = 'amrap' OR reps_attempted > reps OR is_assisted THEN 0.0
               ELSE 10 - usable_rpe
           END AS rir,
           CASE
               WHEN load_kind <> 'assisted' AND weight_kg < 0 THEN 'negative_weight'
               WHEN load_kind = 'band' THEN 'band'
               WHEN load_kind IN ('free', 'machine') AND coalesce(weight_kg, 0) = 0 THEN 'no_weight'
               WHEN load_kind = 'assisted' AND (weight_kg IS NULL OR left_kg <= 0) THEN 'no_weight'
               WHEN load_kind = 'assisted' AND body_weight_kg IS NULL THEN 'no_body_weight'
           END AS weight_reason,
           timed
           OR set_type IN ('dropset', 'mechanical_drop', 'rest_pause', 'cluster', 'tempo', 'partial', 'negative')
           OR coalesce(rom_quality <> 'full', false) AS tells_no_maximum
    FROM loaded
)
SELECT * EXCLUDE (reason),
       coalesce(
           general_reason,
           CASE WHEN timed THEN 'timed' WHEN set_type = 'negative' THEN 'negative_set' END,
           weight_reason,
           CASE WHEN own_reps = 0 THEN 'no_unassisted_reps' END,
           'counted'
       ) AS tonnage,
       general_reason IS NULL
       AND CASE WHEN timed THEN duration_s >= 10
                ELSE set_type NOT IN ('working', 'superset', 'amrap') OR coalesce(rpe >= 6, true)
           END AS is_hard,
       general_reason IS NULL AND NOT tells_no_maximum AND weight_reason IS NULL
       AND NOT (load_kind = 'bodyweight' AND body_part_kg IS NULL)
       AND own_reps > 0 AND NOT contradictory AND own_reps + coalesce(rir, 0) <= 12 AS for_1rm,
       general_reason IS NULL AND NOT tells_no_maximum AND NOT is_assisted
       AND coalesce(weight_reason NOT IN ('negative_weight', 'no_weight'), true) AS for_records
FROM facts
