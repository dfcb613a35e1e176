-- Cuts the users of a run into shards, in the order of their ids: so many that neither their number nor that of their
-- sets passes a limit by more than one user. Users of one shard share their last day.
-- A run is about active users who have a session, or who had one: something of theirs is stored or has changed.
-- Sets are estimated: from the changes of users whose past is remembered, else from all performances; without a limit
-- on sets nothing is counted. A run over all sets counts all users at once, a run over changes only those it must.
WITH counted AS (
    SELECT w.user_id, sum(coalesce(p.completed_sets, %(sets_a_performance)s)) AS sets
    FROM workout_sessions AS w
    JOIN exercise_performances AS p ON p.workout_session_id = w.id
    WHERE NOT %(from_changes)s AND %(shard_sets)s::bigint IS NOT NULL
      AND (%(user_id)s::uuid IS NULL OR w.user_id = %(user_id)s::uuid)
    GROUP BY w.user_id
),
chosen AS (
    SELECT u.id, d.day AS as_of, CASE
        WHEN %(shard_sets)s::bigint IS NULL THEN 0
        WHEN NOT %(from_changes)s THEN coalesce(n.sets, 0)
        WHEN EXISTS (
            SELECT FROM engine_states AS e WHERE e.user_id = u.id AND e.method = %(method)s
        ) THEN %(sets_a_day)s::bigint * (SELECT count(*) FROM engine_changes AS c WHERE c.user_id = u.id)
        ELSE %(sets_a_performance)s::bigint * (
            SELECT count(*)
            FROM workout_sessions AS w
            JOIN exercise_performances AS p ON p.workout_session_id = w.id
            WHERE w.user_id = u.id
        )
    END AS sets
    FROM users AS u
    JOIN unnest(%(zones)s::text[], %(days)s::date[]) AS d (zone, day) ON d.zone = coalesce(u.tz, 'UTC')
    LEFT JOIN counted AS n ON n.user_id = u.id
    WHERE u.is_active
      AND (%(user_id)s::uuid IS NULL OR u.id = %(user_id)s::uuid)
      AND (
        EXISTS (
            SELECT FROM workout_sessions AS w
            WHERE w.user_id = u.id
              AND (%(since)s::date IS NULL
                OR coalesce(w.start_time, w.created_at) >= %(since)s::date - interval '1 day')
              AND (%(until)s::date IS NULL
                OR coalesce(w.start_time, w.created_at) < %(until)s::date + interval '2 days')
        )
        OR (NOT %(in_days)s AND (
            EXISTS (SELECT FROM engine_changes AS c WHERE c.user_id = u.id)
            OR (%(since)s::date IS NULL AND EXISTS (SELECT FROM engine_states AS e WHERE e.user_id = u.id))
        ))
      )
),
-- A user weighs 1 / shard_users or its share of shard_sets, whichever is more; both in whole numbers.
weighed AS (
    SELECT c.*, greatest(coalesce(%(shard_sets)s::bigint, 1), c.sets * %(shard_users)s::bigint) AS weight
    FROM chosen AS c
),
cut AS (
    SELECT x.id, x.as_of, x.sets, floor(
        (sum(x.weight) OVER (PARTITION BY x.as_of ORDER BY x.id) - x.weight)
        / (%(shard_users)s::bigint * coalesce(%(shard_sets)s::bigint, 1))
    ) AS part
    FROM weighed AS x
)
INSERT INTO analytics_shards (run_id, shard, as_of, user_ids, users, planned_sets)
SELECT %(run_id)s, row_number() OVER (ORDER BY c.as_of, c.part), c.as_of,
    array_agg(c.id ORDER BY c.id), count(*), sum(c.sets)
FROM cut AS c
GROUP BY c.as_of, c.part
