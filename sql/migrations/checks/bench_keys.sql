-- Some sessions with their user and their workout, spread over all: what the benchmarks look up.
SELECT id AS session, user_id AS "user", workout_id AS workout FROM workout_sessions ORDER BY id LIMIT 20
