-- Every table of the database with the planner's estimate of its rows; null where it was never analysed.
SELECT relname::text AS name, nullif(reltuples, -1)::bigint AS rows, pg_relation_size(oid) AS bytes
FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema|insights_)'
ORDER BY relname
