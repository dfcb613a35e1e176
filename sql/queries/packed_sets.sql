-- The set executions of some performances, those of the query that takes the place of {performances}, of every session
-- status: one row, each column of it all values of a column of the sets (or, with p_ in front, of the performances), one
-- after the other, as they go over the wire. p_place and place say which performance a set belongs to.
-- What is null stands as the least number (text: is not there); infinity stands for a moment that is null. The places of
-- words are those in `frames`, and null is 0 where a word may be null.
WITH placed AS MATERIALIZED (
    SELECT p.*, row_number() OVER ()::int4 AS place
    FROM ({performances}) AS p
),
performances_packed AS (
    SELECT string_agg(int4send(p.place), '') AS p_place,
           string_agg(uuid_send(p.user_id), '') AS p_user_id,
           string_agg(uuid_send(p.exercise_id), '') AS p_exercise_id,
           string_agg(uuid_send(p.session_id), '') AS p_session_id,
           string_agg(int4send(CASE p.status
               WHEN 'NOT_STARTED' THEN 0 WHEN 'IN_PROGRESS' THEN 1 WHEN 'COMPLETED' THEN 2 WHEN 'ABANDONED' THEN 3
               ELSE -1 END), '') AS p_session_status,
           string_agg(timestamptz_send(coalesce(p.start_time, 'infinity')), '') AS p_session_start,
           string_agg(timestamptz_send(coalesce(p.end_time, 'infinity')), '') AS p_session_end
    FROM placed AS p
),
sets_packed AS (
    SELECT string_agg(int4send(p.place), '') AS place,
           string_agg(uuid_send(se.id), '') AS set_id,
           string_agg(int4send(se.set_number), '') AS set_number,
           string_agg(int4send(
               CASE se.set_type
                   WHEN 'working' THEN 0 WHEN 'warmup' THEN 1 WHEN 'dropset' THEN 2 WHEN 'superset' THEN 3
                   WHEN 'cluster' THEN 4 WHEN 'rest_pause' THEN 5 WHEN 'mechanical_drop' THEN 6 WHEN 'amrap' THEN 7
                   WHEN 'tempo' THEN 8 WHEN 'isometric' THEN 9 WHEN 'partial' THEN 10 WHEN 'assisted' THEN 11
                   WHEN 'negative' THEN 12 ELSE 15 END
               + CASE se.rpe_scale WHEN 'rpe_10' THEN 16 WHEN 'rpe_20' THEN 32 WHEN 'percentage' THEN 48 ELSE 0 END
               + CASE se.rom_quality
                   WHEN 'full' THEN 64 WHEN 'three_quarter' THEN 128 WHEN 'half' THEN 192 WHEN 'quarter' THEN 256
                   WHEN 'partial_top' THEN 320 WHEN 'partial_bottom' THEN 384 WHEN 'variable' THEN 448 ELSE 0 END
               + CASE WHEN se.source_set_type IS NULL THEN 0 ELSE 512 END
           ), '') AS words,
           array_agg(se.source_set_type) FILTER (WHERE se.source_set_type IS NOT NULL) AS source_set_types,
           string_agg(float8send(coalesce(se.weight_kg::float8, '-1.7976931348623157e308')), '') AS weight_kg,
           string_agg(int4send(coalesce(se.reps_completed, -2147483648)), '') AS reps_completed,
           string_agg(int4send(coalesce(se.reps_attempted, -2147483648)), '') AS reps_attempted,
           string_agg(float8send(coalesce(se.rpe_value::float8, '-1.7976931348623157e308')), '') AS rpe_value,
           string_agg(int4send(coalesce(se.assisted_reps, -2147483648)), '') AS assisted_reps,
           string_agg(int4send(coalesce(se.duration_seconds, -2147483648)), '') AS duration_s,
           string_agg(timestamptz_send(coalesce(se.start_time, 'infinity')), '') AS start_time,
           string_agg(timestamptz_send(coalesce(se.end_time, 'infinity')), '') AS end_time,
           string_agg(timestamptz_send(se.created_at), '') AS created_at
    FROM placed AS p
    -- by key, however many the planner thinks they are: OFFSET 0 keeps it from reading the whole table
    CROSS JOIN LATERAL (SELECT * FROM set_executions AS e WHERE e.exercise_performance_id = p.id OFFSET 0) AS se
)
SELECT p.*, s.* FROM performances_packed AS p CROSS JOIN sets_packed AS s
