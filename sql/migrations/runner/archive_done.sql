-- Kept rows that are back.
DELETE FROM insights_archive.kept WHERE id = ANY(%(ids)s)
