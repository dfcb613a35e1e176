-- Makes volume_analytics hold the staged rows; what is equal already stays untouched.
WITH changed AS (
    UPDATE volume_analytics AS t
    SET total_volume_kg = s.total_volume_kg, total_sets = s.total_sets, total_reps = s.total_reps,
        average_intensity = s.average_intensity, intensity_reps = s.intensity_reps,
        volume_by_muscle_group = s.volume_by_muscle_group, volume_by_movement = s.volume_by_movement,
        volume_per_hour = s.volume_per_hour, sets_per_hour = s.sets_per_hour
    FROM staged_volume_analytics AS s
    WHERE t.id = s.id
      AND (t.total_volume_kg, t.total_sets, t.total_reps, t.average_intensity, t.intensity_reps,
           t.volume_by_muscle_group, t.volume_by_movement, t.volume_per_hour, t.sets_per_hour)
          IS DISTINCT FROM
          (s.total_volume_kg, s.total_sets, s.total_reps, s.average_intensity, s.intensity_reps,
           s.volume_by_muscle_group, s.volume_by_movement, s.volume_per_hour, s.sets_per_hour)
    RETURNING 1
), added AS (
    INSERT INTO volume_analytics (id, user_id, calculation_date, period_type, total_volume_kg, total_sets, total_reps,
                                  average_intensity, intensity_reps, volume_by_muscle_group, volume_by_movement,
                                  volume_per_hour, sets_per_hour)
    SELECT s.id, s.user_id, s.calculation_date, s.period_type, s.total_volume_kg, s.total_sets, s.total_reps,
           s.average_intensity, s.intensity_reps, s.volume_by_muscle_group, s.volume_by_movement,
           s.volume_per_hour, s.sets_per_hour
    FROM staged_volume_analytics AS s
    WHERE NOT EXISTS (SELECT FROM volume_analytics AS t WHERE t.id = s.id)
    RETURNING 1
)
SELECT (SELECT count(*) FROM added) AS added, (SELECT count(*) FROM changed) AS changed
