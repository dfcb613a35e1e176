-- The counter of a table's numbered id, null where it has none.
SELECT pg_get_serial_sequence('public.' || quote_ident(%(table)s), a.attname)
FROM pg_attribute AS a
WHERE a.attrelid = to_regclass('public.' || quote_ident(%(table)s)) AND a.attname = 'id' AND a.attidentity <> ''
