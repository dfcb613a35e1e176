-- The first and the last id of the next batch, and how many rows that is; nulls and 0 after the last one.
SELECT (array_agg(id))[1] AS first, (array_agg(id))[count(*)] AS last, count(*) AS rows
FROM (SELECT id FROM {table} WHERE id > %(after)s ORDER BY id LIMIT %(rows)s) AS batch
