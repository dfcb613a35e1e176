-- The columns of some tables, each table by its schema and name; `mine` tells whether this role may alter the table.
SELECT t.canonical, a.attname::text AS name, format_type(a.atttypid, NULL) AS type, ty.typtype = 'e' AS is_enum,
    a.attnotnull AS not_null, a.atthasdef OR a.attidentity <> '' OR a.attgenerated <> '' AS has_default,
    c.relkind::text AS relkind, pg_has_role(c.relowner, 'USAGE') AS mine,
    EXISTS (
        SELECT FROM pg_index AS i
        WHERE i.indrelid = c.oid AND i.indisunique AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum
          AND i.indpred IS NULL AND i.indisvalid
    ) AS is_unique
FROM unnest(%(canonical)s::text[], %(schemas)s::text[], %(tables)s::text[]) AS t (canonical, schema, name)
JOIN pg_namespace AS n ON n.nspname = t.schema
JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS ty ON ty.oid = a.atttypid
ORDER BY t.canonical, a.attnum
