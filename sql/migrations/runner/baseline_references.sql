-- Foreign keys of one column between some tables, each table by its schema and name.
WITH t AS (
    SELECT t.canonical, c.oid
    FROM unnest(%(canonical)s::text[], %(schemas)s::text[], %(tables)s::text[]) AS t (canonical, schema, name)
    JOIN pg_namespace AS n ON n.nspname = t.schema
    JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
)
SELECT child.canonical, a.attname::text AS name, parent.canonical AS parent
FROM pg_constraint AS k
JOIN t AS child ON child.oid = k.conrelid
JOIN t AS parent ON parent.oid = k.confrelid
JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
WHERE k.contype = 'f' AND cardinality(k.conkey) = 1
