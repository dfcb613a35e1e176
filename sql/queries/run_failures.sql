-- Who failed in a run, and why.
SELECT user_id, stage, reason FROM analytics_failures WHERE run_id = %(run_id)s ORDER BY id
