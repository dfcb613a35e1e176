-- What is remembered of the shard's users: what the days before the horizon still decide.
-- A row a user, each value of it a packed column, see insights/db/wire.py, which says what stands for null. Sorted by
-- the table's key, which costs little: its index finds the rows.
SELECT s.user_id, p.*
FROM (SELECT user_id FROM shard_users ORDER BY user_id) AS s
CROSS JOIN LATERAL (
    SELECT count(*)::int4 AS rows,
           string_agg(uuid_send(t.exercise_id), '') AS exercise_id,
           string_agg(boolsend(t.with_body_weight), '') AS with_body_weight,
           string_agg(date_send(t.before), '') AS before,
           string_agg(boolsend(t.told), '') AS told,
           string_agg(float8send(coalesce(t.heaviest_kg, '-1.7976931348623157e308')), '') AS heaviest_kg,
           string_agg(date_send(coalesce(t.heaviest_day, 'infinity')), '') AS heaviest_day,
           string_agg(int8send(coalesce(t.volume_ug, -9223372036854775808)), '') AS volume_ug,
           string_agg(date_send(coalesce(t.volume_day, 'infinity')), '') AS volume_day,
           string_agg(int4send(t.volume_days), '') AS volume_days,
           string_agg(float8send(coalesce(t.estimate_1_kg, '-1.7976931348623157e308')), '') AS estimate_1_kg,
           string_agg(date_send(coalesce(t.estimate_1_day, 'infinity')), '') AS estimate_1_day,
           string_agg(float8send(coalesce(t.estimate_2_kg, '-1.7976931348623157e308')), '') AS estimate_2_kg,
           string_agg(date_send(coalesce(t.estimate_2_day, 'infinity')), '') AS estimate_2_day,
           string_agg(float8send(coalesce(t.estimate_3_kg, '-1.7976931348623157e308')), '') AS estimate_3_kg,
           string_agg(date_send(coalesce(t.estimate_3_day, 'infinity')), '') AS estimate_3_day,
           string_agg(int4send(cardinality(t.light_kg)), '') AS light_sizes,
           string_agg(array_send(t.light_kg), '') AS light_kg,
           string_agg(array_send(t.light_day), '') AS light_day,
           string_agg(int4send(cardinality(t.front_kg)), '') AS front_sizes,
           string_agg(array_send(t.front_kg), '') AS front_kg,
           string_agg(array_send(t.front_reps), '') AS front_reps,
           string_agg(array_send(t.front_day), '') AS front_day
    FROM (SELECT * FROM engine_lift_bests AS e WHERE e.user_id = s.user_id ORDER BY e.exercise_id, e.with_body_weight) AS t
    HAVING count(*) > 0
) AS p
ORDER BY s.user_id
