-- The columns of a table ($1) with the names of their types, and the scale of numerics (see numeric_typmod_scale).
SELECT a.attname::text AS name, t.typname::text AS type,
       CASE WHEN t.typname = 'numeric' AND a.atttypmod >= 4 THEN (a.atttypmod - 4) & 2047 END AS scale
FROM pg_attribute AS a
JOIN pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
