-- What is remembered of the shard's users: what surrounded the sessions of each day.
-- A row a user, each value of it a packed column, see insights/db/wire.py, which says what stands for null. Sorted by
-- the table's key, which costs little: its index finds the rows.
SELECT s.user_id, p.*
FROM (SELECT user_id FROM shard_users ORDER BY user_id) AS s
CROSS JOIN LATERAL (
    SELECT count(*)::int4 AS rows,
           string_agg(date_send(t.day), '') AS day,
           string_agg(float8send(coalesce(t.sleep_hours, '-1.7976931348623157e308')), '') AS sleep_hours,
           string_agg(float8send(coalesce(t.sleep_quality, '-1.7976931348623157e308')), '') AS sleep_quality,
           string_agg(float8send(coalesce(t.stress_level, '-1.7976931348623157e308')), '') AS stress_level,
           string_agg(float8send(coalesce(t.energy_level, '-1.7976931348623157e308')), '') AS energy_level
    FROM (SELECT * FROM engine_context_days AS e WHERE e.user_id = s.user_id ORDER BY e.day) AS t
    HAVING count(*) > 0
) AS p
ORDER BY s.user_id
