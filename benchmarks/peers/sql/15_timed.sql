-- Work by day in sessions of known length.
CREATE UNLOGGED TABLE peer.timed AS
WITH sessions AS (
    SELECT session, count(*) FILTER (WHERE is_hard) AS hard_sets, coalesce(sum(units), 0)::bigint AS units
    FROM peer.counted
    WHERE in_tonnage OR is_hard
    GROUP BY session
)
SELECT d.user_day, sum(s.length_us)::bigint AS length_us, sum(w.hard_sets)::bigint AS hard_sets,
       sum(w.units)::bigint AS units
FROM sessions AS w
JOIN peer.sessions AS s USING (session)
JOIN peer.user_days AS d USING (user_id, day)
WHERE s.length_us IS NOT NULL
GROUP BY d.user_day
