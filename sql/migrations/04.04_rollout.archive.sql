-- Flags that let users through. `down` asks for 0 first, so this keeps only one that was raised meanwhile.
SELECT 'rollout_flags' AS table_name, ARRAY['name'] AS key, to_jsonb(f) AS row, false AS delta
FROM rollout_flags AS f
WHERE f.percent > 0;
