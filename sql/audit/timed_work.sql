-- Work by day in sessions whose length is known and lies between 5 minutes and 6 hours. A session without its own times
-- runs from the start of its first set to the end of its last.
WITH lengths AS (
    SELECT session_id,
           epoch_us(coalesce(max(session_end), max(end_time)))
               - epoch_us(coalesce(min(session_start), min(start_time))) AS length_us
    FROM described_sets
    GROUP BY session_id
), sessions AS (
    SELECT user_id, session_id, day, sum(hard_sets) AS hard_sets, sum(volume_units) AS volume_units
    FROM session_work
    GROUP BY user_id, session_id, day
)
SELECT s.user_id, s.day,
       sum(l.length_us) AS timed_us, sum(s.hard_sets) AS hard_sets, sum(s.volume_units) AS volume_units
FROM sessions AS s
JOIN lengths AS l USING (session_id)
WHERE l.length_us BETWEEN 5 * 60000000::BIGINT AND 360 * 60000000::BIGINT
GROUP BY s.user_id, s.day
