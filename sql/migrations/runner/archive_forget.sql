-- What an earlier attempt kept for this migration: it is kept again.
DELETE FROM insights_archive.kept WHERE migration = %(migration)s
