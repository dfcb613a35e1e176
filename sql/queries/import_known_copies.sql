-- Stored sets whose key is not theirs alone, in the log or in the store: their rows as read tell them apart.
WITH stored AS (
    SELECT source_key, raw, regexp_replace(source_key, '\|\d+$', '') AS base_key
    FROM imported_sets
    WHERE user_id = %(user_id)s AND source = %(source)s
), several AS (
    SELECT base_key FROM stored GROUP BY base_key HAVING count(*) > 1
    UNION
    SELECT base_key FROM unnest(%(base_keys)s::text[]) AS of_log (base_key)
)
SELECT source_key, raw FROM stored WHERE base_key IN (SELECT base_key FROM several)
