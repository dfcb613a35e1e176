-- Drops the quarantine and the id function.
DROP FUNCTION derived_id(text, text);
DROP TABLE migration_quarantine;
