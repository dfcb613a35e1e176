-- The first and the last id of the first batch, and how many rows that is; nulls and 0 where there are none.
SELECT (array_agg(id))[1] AS first, (array_agg(id))[count(*)] AS last, count(*) AS rows
FROM (SELECT id FROM {table} ORDER BY id LIMIT %(rows)s) AS batch
