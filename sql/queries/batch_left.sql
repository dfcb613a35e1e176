-- Insights that a batch has left with something to do, an answer to judge or a question to send again: of whom, as of when.
SELECT l.id, l.user_id, l.as_of, l.insight_key, l.input_hash, l.prompt_hash
FROM insight_ledger AS l
WHERE l.state IN ('pending', 'rendered', 'received', 'verified')
  AND EXISTS (SELECT FROM insight_calls AS c WHERE c.ledger_id = l.id AND c.batch_id IS NOT NULL)
ORDER BY l.as_of, l.user_id
