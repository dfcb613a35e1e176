-- Settles the calls whose worker is gone: it may have been paid, so it costs all that was reserved, and its insight is
-- wanted as before. A worker is there as long as a session holds its lock.
WITH lost AS (
    SELECT c.id, c.ledger_id, c.job, c.day, c.reserved_nano_usd AS reserved
    FROM insight_calls AS c
    WHERE c.ended_at IS NULL AND c.worker IS NOT NULL AND c.batch_id IS NULL
      AND NOT EXISTS (
          SELECT FROM pg_locks AS k JOIN pg_database AS d ON d.oid = k.database AND d.datname = current_database()
          WHERE k.locktype = 'advisory' AND k.classid = %(space)s::bigint::oid AND k.objid = c.worker::bigint::oid
            AND k.objsubid = 2
      )
    FOR UPDATE OF c
), ended AS (
    UPDATE insight_calls AS c
    SET ended_at = now(), outcome = 'unknown', cost_nano_usd = l.reserved, requests = 1,
        reason = 'under way when its process ended'
    FROM lost AS l
    WHERE c.id = l.id
), settled AS (
    UPDATE insight_budgets AS b
    SET reserved_nano_usd = b.reserved_nano_usd - s.reserved, spent_nano_usd = b.spent_nano_usd + s.reserved
    FROM (SELECT job, day, sum(reserved) AS reserved FROM lost GROUP BY job, day) AS s
    WHERE b.job = s.job AND b.day = s.day
)
UPDATE insight_ledger AS i
SET state = 'pending', worker = NULL, unknown = i.unknown + 1, attempts = i.attempts + 1, outcome = 'unknown',
    updated_at = now()
FROM lost AS l
WHERE i.id = l.ledger_id AND i.state = 'submitted'
