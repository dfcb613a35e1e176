-- What is remembered of the shard's users: the facts of lifts and days.
-- A row a user, each value of it a packed column, see insights/db/wire.py, which says what stands for null. Sorted by
-- the table's key, which costs little: its index finds the rows.
SELECT s.user_id, p.*
FROM (SELECT user_id FROM shard_users ORDER BY user_id) AS s
CROSS JOIN LATERAL (
    SELECT count(*)::int4 AS rows,
           string_agg(uuid_send(t.exercise_id), '') AS exercise_id,
           string_agg(date_send(t.day), '') AS day,
           string_agg(boolsend(t.with_body_weight), '') AS with_body_weight,
           string_agg(int4send(t.hard_sets), '') AS hard_sets,
           string_agg(int4send(t.reps), '') AS reps,
           string_agg(int8send(coalesce(t.volume_ug, -9223372036854775808)), '') AS volume_ug,
           string_agg(int4send(t.checked_sets), '') AS checked_sets,
           string_agg(int4send(t.doubtful_sets), '') AS doubtful_sets,
           string_agg(boolsend(t.effort), '') AS effort,
           string_agg(boolsend(t.told), '') AS told,
           string_agg(float8send(coalesce(t.heaviest_kg, '-1.7976931348623157e308')), '') AS heaviest_kg,
           string_agg(float8send(coalesce(t.estimated_1rm_kg, '-1.7976931348623157e308')), '') AS estimated_1rm_kg,
           string_agg(coalesce(t.estimation_method, ''), E'\n') AS estimation_method,
           string_agg(float8send(coalesce(t.sigma, '-1.7976931348623157e308')), '') AS sigma,
           string_agg(float8send(coalesce(t.base_weight_kg, '-1.7976931348623157e308')), '') AS base_weight_kg,
           string_agg(int4send(coalesce(t.base_reps, -2147483648)), '') AS base_reps,
           string_agg(float8send(coalesce(t.base_rpe, '-1.7976931348623157e308')), '') AS base_rpe,
           string_agg(int4send(cardinality(t.reach_kg)), '') AS reach_sizes,
           string_agg(array_send(t.reach_kg), '') AS reach_kg,
           string_agg(array_send(t.reach_reps), '') AS reach_reps,
           string_agg(int4send(cardinality(t.typed_kg)), '') AS typed_sizes,
           string_agg(array_send(t.typed_kg), '') AS typed_kg
    FROM (SELECT * FROM engine_lift_days AS e WHERE e.user_id = s.user_id ORDER BY e.exercise_id, e.day) AS t
    HAVING count(*) > 0
) AS p
ORDER BY s.user_id
