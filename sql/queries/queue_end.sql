-- Records how calls ended and settles their money: the cost, or all that was reserved where nobody told it. A question that
-- will be tried again is as before; one with a result is received. A call that cost nothing and is tried again leaves no
-- row. Calls are found by their own id or by their insight's; one that has ended already stays as it is.
WITH told AS (
    SELECT * FROM unnest(%(call_ids)s::uuid[], %(ledger_ids)s::uuid[], %(again)s::boolean[], %(outcomes)s::text[],
                         %(why)s::text[], %(costs)s::bigint[], %(requests)s::integer[], %(request_ids)s::text[],
                         %(models)s::text[], %(prompt_tokens)s::integer[], %(completion_tokens)s::integer[],
                         %(answers)b::text[])
        AS t (call_id, ledger_id, again, outcome, reason, cost, requests, request_id, model, prompt_tokens,
              completion_tokens, answer)
), ended AS (
    SELECT c.id AS id, c.ledger_id AS of_ledger, c.job AS of_job, c.day AS of_day, c.reserved_nano_usd AS reserved,
           coalesce(t.cost, c.reserved_nano_usd) AS paid, t.*
    FROM told AS t
    JOIN insight_calls AS c ON (c.id = t.call_id OR c.ledger_id = t.ledger_id) AND c.ended_at IS NULL
    FOR UPDATE OF c
), forgotten AS (
    DELETE FROM insight_calls AS c USING ended AS e WHERE c.id = e.id AND e.again AND e.paid = 0
), kept AS (
    UPDATE insight_calls AS c
    SET ended_at = now(), outcome = e.outcome, reason = e.reason, cost_nano_usd = e.paid, requests = e.requests,
        request_id = e.request_id, model = e.model, prompt_tokens = e.prompt_tokens,
        completion_tokens = e.completion_tokens, raw_answer = e.answer
    FROM ended AS e
    WHERE c.id = e.id AND NOT (e.again AND e.paid = 0)
), settled AS (
    UPDATE insight_budgets AS b
    SET reserved_nano_usd = b.reserved_nano_usd - s.reserved, spent_nano_usd = b.spent_nano_usd + s.paid
    FROM (SELECT of_job, of_day, sum(reserved) AS reserved, sum(paid) AS paid FROM ended GROUP BY of_job, of_day) AS s
    WHERE b.job = s.of_job AND b.day = s.of_day
), queued AS (
    UPDATE insight_ledger AS l
    SET state = CASE WHEN e.again THEN 'rendered' ELSE 'received' END, worker = NULL, updated_at = now(),
        attempts = l.attempts + e.requests, outcome = e.outcome,
        reasons = CASE WHEN e.reason IS NULL THEN l.reasons ELSE jsonb_build_array(e.reason) END,
        request_id = e.request_id,
        prompt_tokens = coalesce(l.prompt_tokens, 0) + coalesce(e.prompt_tokens, 0),
        completion_tokens = coalesce(l.completion_tokens, 0) + coalesce(e.completion_tokens, 0),
        raw_answer = coalesce(e.answer, l.raw_answer)
    FROM ended AS e
    WHERE l.id = e.of_ledger AND l.state = 'submitted'
)
SELECT of_ledger AS ledger_id, paid FROM ended
