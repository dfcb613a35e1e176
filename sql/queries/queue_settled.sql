-- Closes an insight's row: written, fallback or dead. One that another worker has in hand meanwhile stays open.
UPDATE insight_ledger
SET state = %(state)s, worker = NULL, updated_at = now(),
    outcome = coalesce(%(outcome)s, outcome), reasons = coalesce(%(reasons)s::jsonb, reasons)
WHERE id = %(id)s AND state <> 'submitted'
