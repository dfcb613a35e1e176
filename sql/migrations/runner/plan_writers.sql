-- Roles that may log in and write one of the tables: superusers and owners among them.
SELECT r.rolname::text AS role
FROM pg_roles AS r
WHERE r.rolcanlogin AND EXISTS (
    SELECT FROM unnest(%(tables)s::text[]) AS t (name)
    WHERE has_any_column_privilege(r.oid, to_regclass('public.' || quote_ident(t.name)), 'INSERT, UPDATE')
)
ORDER BY 1
