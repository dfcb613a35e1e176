-- The sets that may count for something, with load, reps in reserve and uses. Typos are not known yet.
-- OFFSET 0 keeps the planner from writing one expression into many.
CREATE UNLOGGED TABLE peer.sets AS
SELECT lift, session, day, set_id, set_number, start_time, weight_kg, load_kg, reps, own_reps, usable_rpe, rir,
       reach_kg, is_deadlift,
       weight_kg > 0 AS weighed,
       NOT timed AND set_type <> 'negative' AND NOT without_weight AND own_reps > 0 AS in_tonnage,
       is_hard,
       NOT tells_no_maximum AND NOT without_weight AND NOT unknown_part AND own_reps > 0 AND NOT contradictory
           AND own_reps + coalesce(rir, 0) <= 12 AS for_1rm,
       NOT tells_no_maximum AND NOT is_assisted AND NOT without_record_weight AS for_records,
       is_hard AND (set_type = 'amrap' OR coalesce(usable_rpe >= 9, false)) AS effort,
       carried
FROM (
    SELECT *,
           CASE WHEN contradictory THEN NULL
                WHEN set_type = 'amrap' OR attempted_more OR is_assisted THEN 0
                ELSE 10 - usable_rpe END AS rir,
           CASE WHEN timed THEN duration_s >= 10
                ELSE set_type NOT IN ('working', 'superset', 'amrap') OR coalesce(rpe >= 6, true) END AS is_hard,
           timed OR part_of_range OR set_type IN ('dropset', 'mechanical_drop', 'rest_pause', 'cluster', 'tempo',
                                                  'partial', 'negative') AS tells_no_maximum,
           coalesce(CASE load_kind
               WHEN 'assisted' THEN weight_kg IS NULL OR body_weight_kg IS NULL OR body_weight_kg - abs(weight_kg) <= 0
               WHEN 'band' THEN true
               WHEN 'bodyweight' THEN weight_kg < 0
               ELSE weight_kg < 0 OR weight_kg = 0 OR weight_kg IS NULL
           END, false) AS without_weight,
           coalesce(CASE load_kind
               WHEN 'assisted' THEN weight_kg IS NULL OR body_weight_kg - abs(weight_kg) <= 0
               WHEN 'band' THEN weight_kg < 0
               WHEN 'bodyweight' THEN weight_kg < 0
               ELSE weight_kg < 0 OR weight_kg = 0 OR weight_kg IS NULL
           END, false) AS without_record_weight,
           load_kind = 'bodyweight' AND body_part_kg IS NULL AS unknown_part,
           CASE WHEN load_kind = 'band' THEN coalesce(weight_kg, 0)
                ELSE coalesce(load_kg, -abs(coalesce(weight_kg, 0))) END AS reach_kg,
           coalesce(load_kind = 'bodyweight' AND load_kg > coalesce(weight_kg, 0)
                    OR load_kind = 'assisted' AND load_kg IS NOT NULL, false) AS carried
    FROM (
        SELECT *,
               greatest(reps - assisted_reps, 0) AS own_reps,
               CASE WHEN rpe BETWEEN 6 AND 10 THEN rpe END AS usable_rpe,
               coalesce(failure_word AND rpe < 9, false) AS contradictory,
               set_type = 'assisted' OR assisted_reps > 0 AS is_assisted,
               timed_lift OR set_type = 'isometric' OR reps = 0 AS timed,
               CASE
                   WHEN load_kind IN ('free', 'machine') THEN CASE WHEN weight_kg > 0 THEN weight_kg END
                   WHEN load_kind = 'bodyweight' AND coalesce(weight_kg, 0) >= 0
                       THEN coalesce(body_part_kg, 0) + coalesce(weight_kg, 0)
                   WHEN load_kind = 'assisted' AND body_weight_kg - abs(weight_kg) > 0
                       THEN body_weight_kg - abs(weight_kg)
               END AS load_kg
        FROM (
            SELECT p.lift, p.session, p.day, p.load_kind, p.timed AS timed_lift, p.is_deadlift, p.body_weight_kg,
                   p.body_part_kg, se.id AS set_id, se.set_number, se.set_type, se.start_time,
                   se.weight_kg::float8 AS weight_kg,
                   greatest(coalesce(se.reps_completed, 0), 0) AS reps,
                   coalesce(se.reps_attempted > greatest(coalesce(se.reps_completed, 0), 0), false) AS attempted_more,
                   greatest(coalesce(se.assisted_reps, 0), 0) AS assisted_reps,
                   coalesce(se.duration_seconds, 0) AS duration_s,
                   coalesce(se.rom_quality <> 'full', false) AS part_of_range,
                   coalesce(lower(se.source_set_type) IN ('failure', 'f'), false) AS failure_word,
                   CASE WHEN se.rpe_scale = 'rpe_10' AND se.rpe_value <> 'NaN' THEN se.rpe_value::float8 END AS rpe
            FROM peer.performances AS p
            JOIN set_executions AS se ON se.exercise_performance_id = p.performance_id
            WHERE se.set_type <> 'warmup'
              AND coalesce(se.weight_kg <> 'NaN', true)
              AND coalesce(abs(se.weight_kg) <= CASE p.load_kind WHEN 'machine' THEN 1500 ELSE 600 END, true)
              AND coalesce(se.reps_completed, 0) <= 1000
              AND coalesce(se.duration_seconds, 0) <= 21600
              AND (coalesce(se.reps_completed, 0) > 0 OR coalesce(se.duration_seconds, 0) > 0)
            OFFSET 0
        ) AS read
        OFFSET 0
    ) AS loaded
    OFFSET 0
) AS judged
