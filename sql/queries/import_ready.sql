-- Whether the schema has the tables that an import needs.
SELECT to_regclass('public.imported_sets') IS NOT NULL AND to_regclass('public.engine_users') IS NOT NULL AS ready
