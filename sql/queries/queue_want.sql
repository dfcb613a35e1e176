-- Puts wanted insights into the queue; those that are in it already stay as they are.
INSERT INTO insight_ledger (id, user_id, insight_key, insight_type, input_hash, prompt_hash, model, as_of, job, state)
SELECT w.id, w.user_id, w.insight_key, w.insight_type, w.input_hash, w.prompt_hash, %(model)s, %(as_of)s, %(job)s, 'pending'
FROM unnest(%(ids)s::uuid[], %(user_ids)s::uuid[], %(insight_keys)s::text[], %(insight_types)s::text[],
            %(input_hashes)s::text[], %(prompt_hashes)s::text[])
    AS w (id, user_id, insight_key, insight_type, input_hash, prompt_hash)
ON CONFLICT (user_id, insight_key, input_hash, prompt_hash, model) DO NOTHING
