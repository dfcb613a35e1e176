-- The tier of a user at an instant: free, plus or pro.
SELECT effective_tier(%(user_id)s::uuid, %(at)s::timestamptz) AS tier
