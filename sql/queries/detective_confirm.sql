-- Confirms the weights of sets that still have the weight that was found.
INSERT INTO set_confirmations (set_id, user_id, weight_kg)
SELECT e.id, %(user_id)s, e.weight_kg
FROM unnest(%(set_ids)s::uuid[], %(weights_kg)s::float8[]) AS c (set_id, weight_kg)
JOIN set_executions AS e ON e.id = c.set_id AND e.weight_kg = c.weight_kg::numeric(8,2)
ON CONFLICT (set_id) DO UPDATE
SET user_id = excluded.user_id, weight_kg = excluded.weight_kg, confirmed_at = now()
WHERE (set_confirmations.user_id, set_confirmations.weight_kg) <> (excluded.user_id, excluded.weight_kg)
