-- Dated body weights of one user, in kilograms; nothing is written where nothing differs.
INSERT INTO user_body_weights AS stored (user_id, measured_on, weight_kg)
SELECT %(user_id)s, measured.measured_on, measured.weight_kg
FROM unnest(%(measured_on)s::date[], %(weight_kg)s::numeric[]) AS measured (measured_on, weight_kg)
ON CONFLICT (user_id, measured_on) DO UPDATE SET weight_kg = excluded.weight_kg
WHERE stored.weight_kg IS DISTINCT FROM excluded.weight_kg
