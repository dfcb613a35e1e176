-- The questions about a user that an endpoint has been asked to the end.
SELECT insight_key, input_hash, prompt_hash, model
FROM insight_ledger
WHERE user_id = %(user_id)s AND state IN ('written', 'fallback', 'dead')
