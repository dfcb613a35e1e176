-- locks: users ACCESS EXCLUSIVE

-- step: confirmations
DROP TABLE set_confirmations;
DROP FUNCTION log_confirmed_set();
