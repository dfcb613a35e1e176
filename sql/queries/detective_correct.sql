-- Gives sets the weight that was meant, where they still have the one that was found.
UPDATE set_executions AS e
SET weight_kg = c.meant_kg::numeric(8,2)
FROM unnest(%(set_ids)s::uuid[], %(weights_kg)s::float8[], %(meant_kg)s::float8[]) AS c (set_id, weight_kg, meant_kg)
WHERE e.id = c.set_id
  AND e.weight_kg = c.weight_kg::numeric(8,2)
