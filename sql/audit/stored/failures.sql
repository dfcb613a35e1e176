-- The users whose analytics failed, by run.
SELECT DISTINCT f.run_id, f.user_id
FROM analytics_failures AS f
WHERE f.stage = 'analytics' AND (%(user_id)s::uuid IS NULL OR f.user_id = %(user_id)s::uuid)
