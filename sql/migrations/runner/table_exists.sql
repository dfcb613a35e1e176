-- Whether the public schema has a table or view of this name.
SELECT to_regclass('public.' || quote_ident(%(name)s)) IS NOT NULL AS found
