-- The columns of a table's primary key, in order.
SELECT a.attname::text
FROM pg_index AS i
CROSS JOIN unnest(i.indkey::smallint[]) WITH ORDINALITY AS place (number, position)
JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = place.number
WHERE i.indrelid = to_regclass('public.' || quote_ident(%(table)s)) AND i.indisprimary
ORDER BY place.position
