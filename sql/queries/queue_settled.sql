-- Closes rows: written, fallback or dead. One that another worker has in hand meanwhile stays open.
UPDATE insight_ledger AS l
SET state = s.state, worker = NULL, updated_at = now(),
    outcome = coalesce(s.outcome, l.outcome), reasons = coalesce(s.reasons, l.reasons)
FROM unnest(%(ids)s::uuid[], %(states)s::text[], %(outcomes)s::text[], %(reasons)s::jsonb[])
    AS s (id, state, outcome, reasons)
WHERE l.id = s.id AND l.state <> 'submitted'
