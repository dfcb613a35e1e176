-- How questions stand that were put to one model.
SELECT l.user_id, l.insight_key, l.input_hash, l.prompt_hash, l.id, l.state, l.rejected, l.unknown, l.outcome, l.reasons,
       l.raw_answer
FROM insight_ledger AS l
JOIN unnest(%(user_ids)s::uuid[], %(insight_keys)s::text[], %(input_hashes)s::text[], %(prompt_hashes)s::text[])
    AS w (user_id, insight_key, input_hash, prompt_hash)
    USING (user_id, insight_key, input_hash, prompt_hash)
WHERE l.model = %(model)s
