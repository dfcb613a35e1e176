-- What is remembered of the shard's users: the facts of days.
-- A row a user, each value of it a packed column, see insights/db/wire.py, which says what stands for null. Sorted by
-- the table's key, which costs little: its index finds the rows.
SELECT s.user_id, p.*
FROM (SELECT user_id FROM shard_users ORDER BY user_id) AS s
CROSS JOIN LATERAL (
    SELECT count(*)::int4 AS rows,
           string_agg(date_send(t.day), '') AS day,
           string_agg(int8send(t.timed_us), '') AS timed_us,
           string_agg(int8send(t.timed_volume_ug), '') AS timed_volume_ug,
           string_agg(int4send(t.timed_hard_sets), '') AS timed_hard_sets
    FROM (SELECT * FROM engine_user_days AS e WHERE e.user_id = s.user_id ORDER BY e.day) AS t
    HAVING count(*) > 0
) AS p
ORDER BY s.user_id
