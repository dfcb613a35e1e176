-- What a row of each table must have: columns that are NOT NULL without a default, or part of a foreign key.
SELECT c.relname::text AS "table", a.attname::text AS "column", t.typname::text AS type, t.typtype = 'e' AS is_enum,
    (SELECT e.enumlabel::text FROM pg_enum AS e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder LIMIT 1) AS label,
    nullif(a.atttypmod, -1) - 4 AS length,
    (SELECT p.relname::text FROM pg_constraint AS k JOIN pg_class AS p ON p.oid = k.confrelid
     WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conkey = ARRAY[a.attnum] LIMIT 1) AS parent,
    (SELECT substring(pg_get_constraintdef(k.oid) FROM '''([^'']*)''') FROM pg_constraint AS k
     WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
       AND pg_get_constraintdef(k.oid) LIKE '%%ANY (%%' LIMIT 1) AS allowed
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS t ON t.oid = a.atttypid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AND a.attgenerated = ''
ORDER BY c.relname, a.attnum
