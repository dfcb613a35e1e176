-- Takes up a run again: what is done stays done, what was begun begins anew, and insights are told over all users again.
WITH shards AS (
    UPDATE analytics_shards SET status = 'pending', attempts = 0
    WHERE run_id = %(id)s AND status IN ('pending', 'running')
),
failures AS (
    DELETE FROM analytics_failures WHERE run_id = %(id)s AND stage = 'insights'
)
UPDATE analytics_runs SET status = 'running', finished_at = NULL, error = NULL, resumed = resumed + 1
WHERE id = %(id)s
