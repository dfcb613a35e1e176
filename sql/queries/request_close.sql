-- Closes a request: done, or failed with the reason. A failed one gives its use back to the day it came from.
WITH closed AS (
    UPDATE insight_requests
    SET state = %(state)s, reason = %(reason)s, finished_at = now(), worker = NULL
    WHERE id = %(id)s AND state = 'running'
    RETURNING user_id, usage_date, state
)
SELECT CASE WHEN state = 'failed' AND usage_date IS NOT NULL THEN refund_feature(user_id, 'on_demand', usage_date) END
FROM closed
