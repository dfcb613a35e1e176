-- Begins a shard, unless it is settled or has ended that many processes that had begun it: then it is dead. Tells how it
-- stood before, what it is about, and by which run.
WITH before AS (
    SELECT s.run_id, s.shard, CASE
        WHEN s.status = 'running' AND s.attempts >= %(kills_endured)s THEN 'dead'
        WHEN s.status IN ('done', 'dead') THEN s.status
        ELSE 'running'
    END AS state
    FROM analytics_shards AS s
    WHERE s.run_id = %(run_id)s AND s.shard = %(shard)s
    FOR UPDATE
),
dead AS (
    INSERT INTO analytics_failures (run_id, user_id, stage, reason)
    SELECT s.run_id, unnest(s.user_ids), 'analytics', %(reason)s
    FROM analytics_shards AS s JOIN before AS b USING (run_id, shard)
    WHERE b.state = 'dead' AND s.status = 'running'
)
UPDATE analytics_shards AS s SET
    status = b.state,
    attempts = s.attempts + (b.state = 'running')::integer,
    error = CASE WHEN b.state = 'dead' THEN coalesce(s.error, %(reason)s) END,
    finished_at = CASE b.state WHEN 'dead' THEN coalesce(s.finished_at, now()) WHEN 'done' THEN s.finished_at END
FROM before AS b JOIN analytics_runs AS r ON r.id = b.run_id
WHERE s.run_id = b.run_id AND s.shard = b.shard
RETURNING s.status, s.as_of, s.user_ids, r.job, r.as_of AS run_as_of, r.parameters
