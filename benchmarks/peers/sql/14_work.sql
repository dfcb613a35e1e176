-- Hard sets, volume and intensity by lift and day. Per cent of the 1RM known before, times repetitions, in billionths.
CREATE UNLOGGED TABLE peer.work AS
SELECT u.user_day, l.exercise_id, d.hard_sets::integer AS hard_sets, coalesce(d.units, 0) AS units, d.reps,
       CASE WHEN k.known_kg > 0
            THEN round(100 * (coalesce(d.units, 0) / 10000::float8) / k.known_kg * 1e9::float8)::bigint
            ELSE 0 END AS intensity,
       CASE WHEN k.known_kg > 0 THEN d.reps ELSE 0 END AS intensity_reps
FROM peer.lift_days AS d
JOIN peer.lifts AS l USING (lift)
JOIN peer.user_days AS u USING (user_id, day)
LEFT JOIN peer.known AS k USING (lift, day)
WHERE d.in_volume
