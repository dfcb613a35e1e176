-- Foreign keys: the columns of a table and those of its parent that they name.
SELECT cn.nspname::text AS schema, c.relname::text AS name, pn.nspname::text AS parent_schema, p.relname::text AS parent,
    (SELECT array_agg(a.attname::text ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY AS u (num, n)
     JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.num) AS columns,
    (SELECT array_agg(a.attname::text ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY AS u (num, n)
     JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.num) AS parent_columns
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid
JOIN pg_namespace AS cn ON cn.oid = c.relnamespace
JOIN pg_class AS p ON p.oid = k.confrelid
JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
ORDER BY 1, 2, k.conname
