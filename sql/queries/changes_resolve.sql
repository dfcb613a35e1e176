-- Puts entries of the log of changes into engine_changes, resolved to users and their days; how many entries.
-- {taken} gives them: changes_take.sql takes them away, changes_look.sql leaves them.
-- One statement has one snapshot: what it takes away is what it reads, and what it resolves is as of then. A key whose
-- row is gone leads nowhere, and need not: that row's own delete is in the log, or was there and is resolved.
WITH taken AS MATERIALIZED ({taken}), touched AS (
    SELECT p.workout_session_id AS id
    FROM taken AS t JOIN exercise_performances AS p ON p.id = t.key
    WHERE t.kind = 'performance'
    UNION
    SELECT t.key FROM taken AS t WHERE t.kind = 'session'
    UNION
    SELECT p.workout_session_id
    FROM taken AS t JOIN exercise_performances AS p ON p.workout_block_exercise_id = t.key
    WHERE t.kind = 'block_exercise'
), lifts AS (
    SELECT t.key AS id FROM taken AS t WHERE t.kind = 'exercise'
    UNION
    SELECT c.id FROM taken AS t JOIN exercise_catalog AS c ON c.category_id = t.key WHERE t.kind = 'category'
    UNION
    SELECT j.exercise_id
    FROM taken AS t JOIN exercise_movement_patterns AS j ON j.movement_pattern_id = t.key
    WHERE t.kind = 'movement'
), days AS (
    SELECT ws.user_id, ws.start_time AS at
    FROM touched JOIN workout_sessions AS ws USING (id)
    WHERE ws.status::text IS DISTINCT FROM 'NOT_STARTED'
    UNION
    SELECT t.key, t.at FROM taken AS t WHERE t.kind = 'user_day'
), changes (user_id, at, first_day, last_day) AS (
    -- a session that nobody dated lies on a day that its sets tell: which one it was is not known
    SELECT d.user_id, CASE WHEN d.at BETWEEN '0002-01-01' AND '9998-12-31' THEN d.at END, NULL::date, NULL::date
    FROM days AS d
    UNION
    -- a body weight counts until the next one
    SELECT t.key, NULL, t.day,
           (SELECT min(b.measured_on) - 1 FROM user_body_weights AS b WHERE b.user_id = t.key AND b.measured_on > t.day)
    FROM taken AS t
    WHERE t.kind = 'user_from'
    UNION
    -- LATERAL with DISTINCT: planned for one lift, so that a log without lifts reads none of their history
    SELECT done.user_id, NULL, NULL, NULL
    FROM lifts
    CROSS JOIN LATERAL (
        SELECT DISTINCT ws.user_id
        FROM workout_block_exercises AS be
        JOIN exercise_performances AS p ON p.workout_block_exercise_id = be.id
        JOIN workout_sessions AS ws ON ws.id = p.workout_session_id
        WHERE be.exercise_id = lifts.id
    ) AS done
    UNION
    -- who has never trained has nothing to derive
    SELECT w.id, NULL, NULL, NULL
    FROM (
        SELECT t.key AS id FROM taken AS t WHERE t.kind = 'user'
        UNION
        SELECT u.id FROM users AS u WHERE EXISTS (SELECT FROM taken AS t WHERE t.kind = 'everything')
    ) AS w
    WHERE EXISTS (SELECT FROM workout_sessions AS ws WHERE ws.user_id = w.id)
       OR EXISTS (SELECT FROM engine_states AS s WHERE s.user_id = w.id)
), resolved AS (
    INSERT INTO engine_changes (user_id, at, first_day, last_day)
    SELECT c.user_id, c.at, c.first_day, c.last_day FROM changes AS c JOIN users AS u ON u.id = c.user_id
)
SELECT count(*) AS entries FROM taken
