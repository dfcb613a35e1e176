-- The days of a lift that strength_progressions has a row for, with its record flags and what stood before each record.
-- A jump is no record of any kind; a volume record needs four earlier days with volume.
WITH before AS (
    SELECT t.*,
           j.day IS NOT NULL AS jump,
           max(t.heaviest_kg) OVER earlier AS previous_heaviest_kg,
           max(t.volume_kg) OVER earlier AS previous_volume_kg,
           count(t.volume_kg) OVER earlier AS earlier_volume_days
    FROM track_days AS t
    LEFT JOIN jumps AS j USING (user_id, exercise_id, carried, day)
    WINDOW earlier AS (
        PARTITION BY t.user_id, t.exercise_id, t.carried ORDER BY t.day
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
), raised AS (
    SELECT *,
           CASE WHEN heaviest_kg > coalesce(previous_heaviest_kg, '-infinity') THEN day END AS raised_heaviest_on,
           CASE WHEN volume_kg > coalesce(previous_volume_kg, '-infinity') THEN day END AS raised_volume_on
    FROM before
), since AS (
    SELECT *,
           max(raised_heaviest_on) OVER earlier AS previous_heaviest_day,
           max(raised_volume_on) OVER earlier AS previous_volume_day,
           count(*) FILTER (WHERE jump) OVER (
               PARTITION BY user_id, exercise_id, carried ORDER BY day
           ) AS segment
    FROM raised
    WINDOW earlier AS (
        PARTITION BY user_id, exercise_id, carried ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
), heaviest AS (
    SELECT c.user_id, c.exercise_id, c.day, max(c.reps) AS reps
    FROM counted_sets AS c
    JOIN track_days AS t USING (user_id, exercise_id, day)
    WHERE c.for_records AND c.load_kg = t.heaviest_kg
    GROUP BY c.user_id, c.exercise_id, c.day
)
SELECT s.*,
       row_id('strength_progressions', s.user_id, s.day, [high_word(s.exercise_id), low_word(s.exercise_id)]) AS id,
       NOT s.jump AND coalesce(s.heaviest_kg > s.previous_heaviest_kg, false) AS weight_pr,
       NOT s.jump AND coalesce(s.volume_kg > s.previous_volume_kg, false) AND s.earlier_volume_days >= 4 AS volume_pr,
       NOT s.jump AND r.reps IS NOT NULL AS reps_pr,
       h.reps AS heaviest_reps,
       r.reach_kg AS reps_record_weight_kg, r.reps AS reps_record_reps,
       r.previous_reps AS reps_record_previous_reps, r.previous_day AS reps_record_previous_day
FROM since AS s
LEFT JOIN heaviest AS h USING (user_id, exercise_id, day)
LEFT JOIN reps_records AS r USING (user_id, exercise_id, carried, day)
WHERE s.is_row
