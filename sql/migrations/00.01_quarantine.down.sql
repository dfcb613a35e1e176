-- Drops the quarantine, the id function and the trigger functions.
-- locks: none
DROP FUNCTION sync_truncate();
DROP FUNCTION sync_legacy();
DROP FUNCTION sync_row(text, uuid);
DROP FUNCTION set_aside(text, uuid, jsonb, text, text);
DROP FUNCTION jsonb_delta(jsonb, jsonb);
DROP FUNCTION derived_id(text, text);
DROP TABLE migration_quarantine;
