-- A file that has brought nothing new leaves no row: the same log in another order is not another import.
DELETE FROM import_files AS f
WHERE f.id = %(id)s
  AND NOT EXISTS (SELECT FROM imported_sets AS s WHERE s.file_id = f.id)
  AND NOT EXISTS (SELECT FROM import_quarantine AS q WHERE q.file_id = f.id)
