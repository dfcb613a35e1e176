-- Drops the record of imports; the imported sets themselves are in set_executions.
-- locks: set_executions ACCESS EXCLUSIVE, users ACCESS EXCLUSIVE
DROP TABLE import_quarantine;
DROP TABLE imported_sets;
DROP TABLE import_files;
DROP TABLE engine_users;
