-- Session context that someone has told; the times are derived.
SELECT 'session_context' AS table_name, ARRAY['workout_session_id'] AS key,
    to_jsonb(c) - ARRAY['id', 'time_of_day', 'days_since_last_workout', 'created_at'] AS row, false AS delta
FROM session_context AS c
WHERE num_nonnulls(c.gym_location, c.equipment_availability, c.crowd_level, c.temperature_celsius, c.sleep_hours,
                   c.sleep_quality, c.stress_level, c.energy_level, c.nutrition_timing, c.caffeine_mg,
                   c.other_supplements) > 0;
