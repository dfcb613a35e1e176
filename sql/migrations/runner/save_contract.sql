-- Records that the legacy tables are gone, in the transaction that dropped them.
INSERT INTO insights_contracts (id, backup, folder, files) VALUES (%(id)s, %(backup)s, %(folder)s, %(files)s)
