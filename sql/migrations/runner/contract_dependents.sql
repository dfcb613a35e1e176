-- What depends on some tables and is not one of them: views, foreign keys, and functions, also those that only name a
-- table in their text, of which PostgreSQL knows nothing: they would fail when they are called.
WITH leaving AS (
    SELECT c.oid, c.reltype, name
    FROM unnest(%(tables)s::text[]) AS name
    LEFT JOIN pg_class AS c ON c.oid = to_regclass('public.' || quote_ident(name))
)
SELECT DISTINCT 'view ' || v.oid::regclass::text AS dependent, l.name AS "table"
FROM leaving AS l
JOIN pg_depend AS d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = l.oid AND d.classid = 'pg_rewrite'::regclass
JOIN pg_rewrite AS r ON r.oid = d.objid
JOIN pg_class AS v ON v.oid = r.ev_class
WHERE v.oid <> l.oid
UNION
SELECT 'foreign key ' || k.conname || ' of ' || k.conrelid::regclass::text, l.name
FROM leaving AS l JOIN pg_constraint AS k ON k.confrelid = l.oid AND k.contype = 'f'
WHERE k.conrelid NOT IN (SELECT oid FROM leaving WHERE oid IS NOT NULL)
UNION
SELECT 'function ' || p.oid::regprocedure::text, l.name
FROM leaving AS l
JOIN pg_proc AS p ON p.prosrc ~ ('\m' || l.name || '\M') OR EXISTS (
    SELECT FROM pg_depend AS d
    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
      AND ((d.refclassid = 'pg_class'::regclass AND d.refobjid = l.oid)
           OR (d.refclassid = 'pg_type'::regclass AND d.refobjid = l.reltype))
)
JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname NOT LIKE 'pg\_%%' AND n.nspname <> 'information_schema'
ORDER BY 1
