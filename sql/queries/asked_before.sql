-- The questions about a user that an endpoint has been asked to the end. What was told by the rules because there was no
-- money or no time to ask has not been asked.
SELECT insight_key, input_hash, prompt_hash, model
FROM insight_ledger
WHERE user_id = %(user_id)s AND state IN ('written', 'fallback', 'dead') AND attempts > 0
