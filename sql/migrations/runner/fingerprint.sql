-- The schema as lines of text, the same for the same schema on every server: tables, columns, constraints, indexes,
-- views, types, functions, triggers. The runner's own tables (insights_*) and archives are left out, and so is the order
-- of columns, which a down and an up change.
WITH relations AS (
    SELECT c.oid, n.nspname || '.' || c.relname AS name, c.relkind
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname NOT LIKE 'pg\_%%' AND n.nspname NOT IN ('information_schema', 'insights_archive')
      AND c.relname NOT LIKE 'insights\_%%' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
)
SELECT concat_ws(' ', 'relation', name, relkind) AS line FROM relations
UNION ALL
SELECT concat_ws(' ', 'column', r.name, a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attnotnull THEN 'not null' END, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
FROM relations AS r
JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = r.oid AND d.adnum = a.attnum
UNION ALL
SELECT concat_ws(' ', 'constraint', r.name, k.conname, pg_get_constraintdef(k.oid))
FROM relations AS r JOIN pg_constraint AS k ON k.conrelid = r.oid
WHERE k.contype <> 'n' -- PostgreSQL 18 has a row for NOT NULL, which the column's line tells already
UNION ALL
SELECT concat_ws(' ', 'index', r.name, pg_get_indexdef(i.indexrelid), i.indisvalid)
FROM relations AS r JOIN pg_index AS i ON i.indrelid = r.oid
UNION ALL
SELECT concat_ws(' ', 'trigger', r.name, pg_get_triggerdef(t.oid), t.tgenabled)
FROM relations AS r JOIN pg_trigger AS t ON t.tgrelid = r.oid
WHERE NOT t.tgisinternal
UNION ALL
SELECT concat_ws(' ', 'view', r.name, pg_get_viewdef(r.oid)) FROM relations AS r WHERE r.relkind IN ('v', 'm')
UNION ALL
SELECT concat_ws(' ', 'type', n.nspname || '.' || t.typname, string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder))
FROM pg_type AS t
JOIN pg_namespace AS n ON n.oid = t.typnamespace
JOIN pg_enum AS e ON e.enumtypid = t.oid
WHERE n.nspname NOT LIKE 'pg\_%%'
GROUP BY n.nspname, t.typname
UNION ALL
SELECT concat_ws(' ', 'function', p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid)))
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname NOT LIKE 'pg\_%%' AND n.nspname NOT IN ('information_schema', 'insights_archive') AND p.prokind <> 'a'
  AND p.proname NOT LIKE 'insights\_%%'
  AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
ORDER BY line
