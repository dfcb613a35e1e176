-- Records calls that are about to be made and reserves the worst that they can cost. What someone else has in hand, or has
-- an answer already, is passed over. Returns the insights that were begun.
WITH begun AS (
    UPDATE insight_ledger AS l SET state = 'submitted', worker = %(worker)s, updated_at = now()
    FROM unnest(%(ids)s::uuid[], %(call_ids)s::uuid[], %(reserved)s::bigint[]) AS c (ledger_id, call_id, reserved)
    WHERE l.id = c.ledger_id AND l.state = 'rendered'
    RETURNING l.id, c.call_id, c.reserved
), called AS (
    INSERT INTO insight_calls (id, ledger_id, job, day, worker, batch_id, reserved_nano_usd, price)
    SELECT call_id, id, %(job)s, %(day)s, %(worker)s, %(batch_id)s, reserved, %(price)s FROM begun
), held AS (
    UPDATE insight_budgets SET reserved_nano_usd = reserved_nano_usd + (SELECT coalesce(sum(reserved), 0) FROM begun)
    WHERE job = %(job)s AND day = %(day)s
)
SELECT id FROM begun
