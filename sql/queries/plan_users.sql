-- Chooses the users of a run, with the last day of each and how many of their sets are to be read, about.
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
)
INSERT INTO chosen_users (id, as_of, sets)
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
