-- Closes runs whose process ended without a word. Whoever holds the lock of the same job and user knows that none runs.
UPDATE analytics_runs
SET status = 'failed', finished_at = now(), error = 'the process ended without a word'
WHERE job = %(job)s AND status = 'running' AND parameters ->> 'user_id' IS NOT DISTINCT FROM %(user_id)s
