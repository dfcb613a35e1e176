-- The questions about users that an endpoint has been asked to the end. What was told by the rules because there was no
-- money or no time to ask has not been asked.
SELECT user_id, insight_key, input_hash, prompt_hash, model
FROM insight_ledger
WHERE user_id = ANY (%(user_ids)s) AND state IN ('written', 'fallback', 'dead') AND attempts > 0
