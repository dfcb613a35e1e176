-- Records how a question to the endpoint ended, with the prompt and the answer as they were.
INSERT INTO insight_ledger (id, user_id, insight_key, input_hash, prompt_hash, model, state, attempts, outcome, reasons,
                            request_id, prompt_tokens, completion_tokens, prompt, raw_answer)
VALUES (%(id)s, %(user_id)s, %(insight_key)s, %(input_hash)s, %(prompt_hash)s, %(model)s, %(state)s, %(attempts)s,
        %(outcome)s, %(reasons)s, %(request_id)s, %(prompt_tokens)s, %(completion_tokens)s, %(prompt)s, %(raw_answer)s)
ON CONFLICT (user_id, insight_key, input_hash, prompt_hash, model) DO UPDATE
SET state = excluded.state, attempts = insight_ledger.attempts + excluded.attempts, outcome = excluded.outcome,
    reasons = excluded.reasons, request_id = excluded.request_id,
    prompt_tokens = coalesce(insight_ledger.prompt_tokens, 0) + excluded.prompt_tokens,
    completion_tokens = coalesce(insight_ledger.completion_tokens, 0) + excluded.completion_tokens,
    prompt = excluded.prompt, raw_answer = excluded.raw_answer, updated_at = now()
