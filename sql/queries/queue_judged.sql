-- Keeps the verdicts on received answers: verified, or rejected with the reasons and to be asked once more.
UPDATE insight_ledger AS l
SET state = CASE WHEN v.ok THEN 'verified' ELSE 'pending' END,
    rejected = l.rejected + (NOT v.ok)::integer,
    reasons = CASE WHEN v.ok THEN l.reasons ELSE v.reasons END,
    updated_at = now()
FROM unnest(%(ids)s::uuid[], %(ok)s::boolean[], %(reasons)s::jsonb[]) AS v (id, ok, reasons)
WHERE l.id = v.id AND l.state <> 'submitted'
