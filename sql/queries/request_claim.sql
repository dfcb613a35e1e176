-- Takes the oldest request that nobody serves, or whose worker is gone.
UPDATE insight_requests AS r
SET state = 'running', worker = %(worker)s, attempts = r.attempts + 1
WHERE r.id = (
    SELECT o.id
    FROM insight_requests AS o
    WHERE o.state = 'waiting'
       OR (o.state = 'running' AND NOT EXISTS (
              SELECT FROM pg_locks AS k JOIN pg_database AS d ON d.oid = k.database AND d.datname = current_database()
              WHERE k.locktype = 'advisory' AND k.classid = %(space)s::bigint::oid
                AND k.objid = o.worker::bigint::oid AND k.objsubid = 2
          ))
    ORDER BY o.requested_at
    FOR UPDATE SKIP LOCKED
    LIMIT 1
)
RETURNING r.id, r.user_id, r.attempts
