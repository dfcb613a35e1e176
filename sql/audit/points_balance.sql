-- Data points on four closed weeks, for users who had begun by then: hard sets a muscle, and the pairs push and pull,
-- quadriceps and hamstrings, where both sides have 8 hard sets and at most 20 % are unattributed.
WITH balance AS (
    SELECT * FROM windows WHERE name = 'balance' AND first_week <= first_day
), totals AS (
    SELECT b.user_id, sum(w.hard_sets) AS hard_sets
    FROM balance AS b
    JOIN lift_work AS w ON w.user_id = b.user_id AND w.day BETWEEN b.first_day AND b.last_day
    GROUP BY b.user_id
    HAVING sum(w.hard_sets) > 0
), unknown AS (
    SELECT b.user_id, sum(u.sets_without_muscle) AS without_muscle, sum(u.sets_without_movement) AS without_movement
    FROM balance AS b
    JOIN unattributed_work AS u ON u.user_id = b.user_id AND u.day BETWEEN b.first_day AND b.last_day
    GROUP BY b.user_id
), users AS (
    SELECT b.user_id, b.first_day, b.last_day,
           1 - u.without_muscle / t.hard_sets AS muscle_share, 1 - u.without_movement / t.hard_sets AS movement_share
    FROM balance AS b
    JOIN totals AS t USING (user_id)
    JOIN unknown AS u USING (user_id)
), muscles AS (
    SELECT u.user_id, m.muscle, CAST(sum(m.direct) + sum(m.indirect) / 2 AS DOUBLE) AS hard_sets
    FROM users AS u
    JOIN muscle_work AS m ON m.user_id = u.user_id AND m.day BETWEEN u.first_day AND u.last_day
    GROUP BY u.user_id, m.muscle
), movements AS (
    SELECT u.user_id,
           coalesce(sum(m.set_parts) FILTER (
               WHERE m.pattern IN ('push', 'horizontal_push', 'vertical_push')), 0) / 720720 AS push,
           coalesce(sum(m.set_parts) FILTER (
               WHERE m.pattern IN ('pull', 'horizontal_pull', 'vertical_pull')), 0) / 720720 AS pull
    FROM users AS u
    JOIN movement_work AS m ON m.user_id = u.user_id AND m.day BETWEEN u.first_day AND u.last_day
    GROUP BY u.user_id
), legs AS (
    SELECT user_id,
           coalesce(sum(hard_sets) FILTER (WHERE muscle = 'quadriceps'), 0) AS quadriceps,
           coalesce(sum(hard_sets) FILTER (WHERE muscle = 'hamstrings'), 0) AS hamstrings
    FROM muscles
    GROUP BY user_id
), pairs AS (
    SELECT u.*, unnest([
        {data_type: 'push_hard_sets', entity: 'push', numeric_value: m.push, sets: m.push},
        {data_type: 'pull_hard_sets', entity: 'pull', numeric_value: m.pull, sets: m.pull},
        {data_type: 'push_pull_ratio', entity: NULL, numeric_value: m.push / m.pull, sets: least(m.push, m.pull)}
    ], recursive := true), u.movement_share AS share
    FROM users AS u
    JOIN movements AS m USING (user_id)
    WHERE m.push >= 8 AND m.pull >= 8 AND u.movement_share >= 0.8
    UNION ALL
    SELECT u.*, unnest([
        {data_type: 'quads_hard_sets', entity: 'quadriceps', numeric_value: l.quadriceps, sets: l.quadriceps},
        {data_type: 'hamstrings_hard_sets', entity: 'hamstrings', numeric_value: l.hamstrings, sets: l.hamstrings},
        {data_type: 'quads_hamstrings_ratio', entity: NULL, numeric_value: l.quadriceps / l.hamstrings,
         sets: least(l.quadriceps, l.hamstrings)}
    ], recursive := true), u.muscle_share
    FROM users AS u
    JOIN legs AS l USING (user_id)
    WHERE l.quadriceps >= 8 AND l.hamstrings >= 8 AND u.muscle_share >= 0.8
)
SELECT user_id, data_type, entity, first_day AS window_start, last_day AS window_end, numeric_value,
       CAST(floor(sets) AS BIGINT) AS n, share AS confidence_score, 'balance/1' AS calculation_method
FROM pairs
UNION ALL
SELECT user_id, 'attributed_share', NULL, first_day, last_day, 100 * muscle_share, 4, muscle_share, 'attributed/1'
FROM users
UNION ALL
SELECT u.user_id, 'muscle_weekly_hard_sets', m.muscle, u.first_day, u.last_day, m.hard_sets / 4, 4, u.muscle_share,
       'muscle_credit/1'
FROM users AS u
JOIN muscles AS m USING (user_id)
WHERE m.hard_sets > 0
UNION ALL
SELECT user_id, 'landmark_weekly_hard_sets', NULL, first_day, last_day, 10, 4, 1, 'schoenfeld_2017/1'
FROM users
WHERE user_id IN (SELECT user_id FROM muscles)
