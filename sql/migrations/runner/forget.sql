-- Takes a migration out of the ledger: its last down step has run.
DELETE FROM insights_migrations WHERE id = %(id)s
