-- Columns without a time zone, and whether their default is the clock: then the writer's session has chosen the zone.
SELECT c.relname::text AS "table", a.attname::text AS "column",
    coalesce(pg_get_expr(d.adbin, d.adrelid) ~* '(now\(\)|current_timestamp|localtimestamp|clock_timestamp)', false)
        AS from_clock
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND a.atttypid = 'timestamp'::regtype
ORDER BY c.relname, a.attnum
