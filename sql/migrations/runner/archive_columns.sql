-- The columns of a table.
SELECT attname::text FROM pg_attribute
WHERE attrelid = to_regclass('public.' || quote_ident(%(table)s)) AND attnum > 0 AND NOT attisdropped
