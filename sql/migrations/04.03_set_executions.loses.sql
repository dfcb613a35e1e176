-- Sets that are more than what exercise_sets holds.
SELECT 'set_executions' AS what, count(*) AS n
FROM set_executions AS e
LEFT JOIN exercise_sets AS s ON s.id = e.id
WHERE s.id IS NULL
   OR (e.set_number, e.weight_kg, e.reps_completed, e.duration_seconds, e.rpe_value, e.set_notes)
      IS DISTINCT FROM (s.set_number, round(s.weight::numeric, 2), s.reps, s.duration, s.rpe::numeric, s.notes)
   OR e.set_type <> 'working' OR e.rom_quality IS DISTINCT FROM 'full'
   OR num_nonnulls(e.reps_attempted, e.eccentric_seconds, e.pause_seconds, e.concentric_seconds,
                   e.range_of_motion_degrees, e.rest_before_seconds, e.rest_after_seconds, e.equipment_modifications,
                   e.technique_breakdown_rep, e.pain_level, e.start_time, e.end_time) > 0
   OR e.partial_reps <> 0 OR e.assisted_reps <> 0;
