-- The rows of volume_analytics as they should be stored.
WITH muscles AS (
    SELECT p.user_id, p.period_type, p.first_day, m.muscle AS name,
           to_json({
               direct: CAST(sum(m.direct) AS BIGINT),
               indirect: CAST(sum(m.indirect) AS BIGINT),
               hard_sets: CAST(sum(m.direct) + sum(m.indirect) / 2 AS DOUBLE),
               volume_kg: CAST(digits(of_units(sum(m.half_units)) / 2) AS DECIMAL(18, 2))
           }) AS work
    FROM periods AS p
    JOIN muscle_work AS m USING (user_id, day)
    GROUP BY p.user_id, p.period_type, p.first_day, m.muscle
), movements AS (
    SELECT p.user_id, p.period_type, p.first_day, m.pattern AS name,
           to_json({
               sets: CAST(digits(sum(m.set_parts) / 720720) AS DECIMAL(18, 2)),
               volume_kg: CAST(digits(of_units(sum(m.unit_parts)) / 720720) AS DECIMAL(18, 2))
           }) AS work
    FROM periods AS p
    JOIN movement_work AS m USING (user_id, day)
    GROUP BY p.user_id, p.period_type, p.first_day, m.pattern
), unattributed AS (
    SELECT p.user_id, p.period_type, p.first_day,
           to_json({
               sets: CAST(sum(u.sets_without_muscle) AS BIGINT),
               volume_kg: CAST(digits(of_units(sum(u.units_without_muscle))) AS DECIMAL(18, 2))
           }) AS without_muscle,
           to_json({
               sets: CAST(sum(u.sets_without_movement) AS BIGINT),
               volume_kg: CAST(digits(of_units(sum(u.units_without_movement))) AS DECIMAL(18, 2))
           }) AS without_movement
    FROM periods AS p
    JOIN unattributed_work AS u USING (user_id, day)
    GROUP BY p.user_id, p.period_type, p.first_day
), muscle_objects AS (
    SELECT user_id, period_type, first_day, json_group_object(name, work) AS members
    FROM (SELECT * FROM muscles
          UNION ALL
          SELECT user_id, period_type, first_day, 'unattributed', without_muscle FROM unattributed)
    GROUP BY user_id, period_type, first_day
), movement_objects AS (
    SELECT user_id, period_type, first_day, json_group_object(name, work) AS members
    FROM (SELECT * FROM movements
          UNION ALL
          SELECT user_id, period_type, first_day, 'unattributed', without_movement FROM unattributed)
    GROUP BY user_id, period_type, first_day
)
SELECT s.id, s.user_id, s.first_day AS calculation_date, s.period_type,
       CAST(digits(of_units(s.volume_units)) AS DECIMAL(12, 2)) AS total_volume_kg,
       CAST(s.hard_sets AS INTEGER) AS total_sets,
       CAST(s.reps AS INTEGER) AS total_reps,
       CAST(digits(s.average_intensity) AS DECIMAL(10, 2)) AS average_intensity,
       CAST(s.intensity_reps AS INTEGER) AS intensity_reps,
       json_value(CAST(a.members AS VARCHAR)) AS volume_by_muscle_group,
       json_value(CAST(b.members AS VARCHAR)) AS volume_by_movement,
       CAST(digits(s.volume_per_hour) AS DECIMAL(12, 2)) AS volume_per_hour,
       CAST(digits(s.sets_per_hour) AS DECIMAL(10, 2)) AS sets_per_hour
FROM period_sums AS s
JOIN muscle_objects AS a USING (user_id, period_type, first_day)
JOIN movement_objects AS b USING (user_id, period_type, first_day)
