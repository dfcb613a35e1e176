-- About how many rows a table has; null where nobody has counted yet.
SELECT CASE WHEN reltuples >= 0 THEN reltuples::bigint END AS rows
FROM pg_class WHERE oid = to_regclass('public.' || quote_ident(%(table)s))
