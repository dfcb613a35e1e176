-- Flags that someone has set.
SELECT 'rollout_flags' AS table_name, ARRAY['name'] AS key, to_jsonb(f) AS row, false AS delta
FROM rollout_flags AS f
WHERE f.percent > 0;
