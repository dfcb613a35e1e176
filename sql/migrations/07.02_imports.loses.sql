-- The record of imports: only these tables hold it.
SELECT 'engine_users' AS what, count(*) AS n FROM engine_users
UNION ALL SELECT 'import_files', count(*) FROM import_files
UNION ALL SELECT 'imported_sets', count(*) FROM imported_sets
UNION ALL SELECT 'import_quarantine', count(*) FROM import_quarantine;
