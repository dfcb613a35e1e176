-- The sets of local days up to as_of, with the traits of their lift and the body weight of their day. What cannot be a
-- number is read as missing, and `reason` says why a set counts for nothing at all (but for typos, which come after).
WITH began AS (
    SELECT session_id, coalesce(min(session_start), min(start_time), min(created_at)) AS instant
    FROM extracted_sets
    GROUP BY session_id
), dated AS (
    SELECT s.*, e.load_kind, e.modality, e.bodyweight_share, e.is_deadlift,
           CAST(timezone(l.time_zone, b.instant) AS DATE) AS day
    FROM extracted_sets AS s
    JOIN began AS b USING (session_id)
    JOIN lifters AS l USING (user_id)
    JOIN extracted_exercises AS e USING (exercise_id)
    WHERE CAST(timezone(l.time_zone, b.instant) AS DATE) <= l.as_of
), weighed AS (
    SELECT user_id, measured_on, max(weight_kg) AS body_weight_kg
    FROM extracted_body_weights
    WHERE isfinite(weight_kg) AND weight_kg > 0
    GROUP BY user_id, measured_on
), facts AS (
    SELECT d.user_id, d.exercise_id, d.session_id, d.set_id, d.day, d.set_number, d.start_time, d.end_time,
           d.session_status, d.session_start, d.session_end, d.set_type, d.rom_quality, d.load_kind, d.modality,
           d.is_deadlift, d.bodyweight_share, d.weight_confirmed,
           CASE WHEN d.load_kind IN ('bodyweight', 'assisted') THEN w.body_weight_kg END AS body_weight_kg,
           CASE WHEN isfinite(d.weight_kg) THEN d.weight_kg END AS weight_kg,
           NOT isfinite(d.weight_kg) AS weight_is_no_number,
           greatest(coalesce(d.reps_completed, 0), 0) AS reps,
           d.reps_attempted,
           greatest(coalesce(d.assisted_reps, 0), 0) AS assisted_reps,
           coalesce(d.duration_s, 0) AS duration_s,
           coalesce(lower(d.source_set_type) IN ('failure', 'f'), false) AS logged_as_failure,
           CASE WHEN d.rpe_scale = 'rpe_10' AND d.set_type <> 'warmup' AND isfinite(d.rpe_value) THEN d.rpe_value
           END AS rpe
    FROM dated AS d
    ASOF LEFT JOIN weighed AS w ON w.user_id = d.user_id AND d.day >= w.measured_on
)
SELECT *,
       greatest(reps - assisted_reps, 0) AS own_reps,
       CASE WHEN rpe BETWEEN 6 AND 10 THEN rpe END AS usable_rpe,
       coalesce(logged_as_failure AND rpe < 9, false) AS contradictory,
       set_type = 'assisted' OR assisted_reps > 0 AS is_assisted,
       modality = 'timed' OR set_type = 'isometric' OR reps = 0 AS timed,
       CASE
           WHEN session_status = 'NOT_STARTED' THEN 'not_started'
           WHEN weight_is_no_number THEN 'not_a_number'
           WHEN abs(weight_kg) > CASE load_kind WHEN 'machine' THEN 1500 ELSE 600 END
                OR reps > 1000 OR duration_s > 6 * 3600 THEN 'beyond_limits'
           WHEN modality IN ('cardio', 'mobility') THEN modality
           WHEN set_type = 'warmup' THEN 'warmup'
           WHEN reps = 0 AND duration_s <= 0 THEN 'no_reps'
       END AS reason
FROM facts
