-- What the answers of a model have used on average, of the newest thousand.
SELECT sum(c.prompt_tokens)::float8 / nullif(sum(octet_length(l.prompt)), 0) AS prompt_tokens_a_byte,
       avg(c.completion_tokens)::float8 AS completion_tokens
FROM (
    SELECT ledger_id, prompt_tokens, completion_tokens
    FROM insight_calls
    WHERE outcome = 'answered' AND prompt_tokens > 0 AND model = %(model)s
    ORDER BY asked_at DESC
    LIMIT 1000
) AS c
JOIN insight_ledger AS l ON l.id = c.ledger_id
