-- The training days of each user, numbered.
CREATE UNLOGGED TABLE peer.user_days AS
SELECT row_number() OVER ()::integer AS user_day, user_id, day
FROM (
    SELECT DISTINCT l.user_id, d.day FROM peer.lift_days AS d JOIN peer.lifts AS l USING (lift) WHERE d.in_volume
) AS t
