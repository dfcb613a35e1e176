-- What is kept aside, oldest first; of one source table, if it is named.
SELECT id, source_table, source_id, raw, sqlstate, reason, at
FROM migration_quarantine
WHERE source_table = coalesce(%(table)s, source_table)
ORDER BY id
