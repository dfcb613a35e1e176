-- The shard's users, and whether each has rows in the tables of results already.
SELECT u.user_id,
       EXISTS (SELECT FROM volume_analytics AS t WHERE t.user_id = u.user_id) AS volume_analytics,
       EXISTS (SELECT FROM strength_progressions AS t WHERE t.user_id = u.user_id) AS strength_progressions
FROM shard_users AS u
