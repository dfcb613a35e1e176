-- Whether this role may make tables in the public schema.
SELECT has_schema_privilege('public', 'CREATE') AS may_create
