-- How the questions about a user stand that were put to one model.
SELECT id, insight_key, input_hash, prompt_hash, state, rejected, unknown, outcome, reasons, raw_answer
FROM insight_ledger
WHERE user_id = %(user_id)s AND model = %(model)s AND insight_key = ANY (%(insight_keys)s)
