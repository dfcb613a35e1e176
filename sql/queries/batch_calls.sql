-- The lines of a batch that have no end yet: the call, and how many requests its insight has cost before.
SELECT c.id AS call_id, l.attempts
FROM insight_calls AS c JOIN insight_ledger AS l ON l.id = c.ledger_id
WHERE c.batch_id = %(id)s AND c.ended_at IS NULL
