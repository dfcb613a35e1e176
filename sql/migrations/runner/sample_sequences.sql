-- Sequences that feed a column: after a copy they go on behind its highest value.
SELECT s.oid::regclass::text AS sequence, n.nspname::text AS schema, c.relname::text AS name, a.attname::text AS "column"
FROM pg_class AS s
JOIN pg_depend AS d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
    AND d.deptype IN ('a', 'i')
JOIN pg_class AS c ON c.oid = d.refobjid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
WHERE s.relkind = 'S'
