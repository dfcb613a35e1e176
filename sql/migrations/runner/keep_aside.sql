-- Keeps one row of a table aside, with the error that carrying it over raised.
SELECT set_aside(%(table)s, s.id, to_jsonb(s), %(sqlstate)s, %(reason)s) FROM {table} AS s WHERE s.id = %(id)s
