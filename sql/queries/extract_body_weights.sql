-- The dated body weights of the shard's users that are known on some day from $1 on (-infinity: on any): each user's newest of
-- the days up to $1, and all later ones. users.weight has no date of its own: it counts from the day the row was last written.
SELECT b.user_id, b.measured_on, b.weight_kg
FROM shard_users AS s
JOIN user_body_weights AS b ON b.user_id = s.user_id
WHERE b.measured_on >= coalesce(
    (
        SELECT max(e.measured_on) FROM user_body_weights AS e
        WHERE e.user_id = s.user_id AND e.measured_on <= $1::text::date
    ),
    '-infinity'
)
