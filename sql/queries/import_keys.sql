-- What each set is in its log: its key and its row as read. The file is the one that brought the row as it now is.
INSERT INTO imported_sets (set_id, user_id, source, source_key, file_id, raw)
SELECT set_id, %(user_id)s, %(source)s, source_key, %(file_id)s, raw::jsonb FROM import_sets
ON CONFLICT (set_id) DO UPDATE SET raw = excluded.raw, file_id = excluded.file_id
WHERE imported_sets.raw IS DISTINCT FROM excluded.raw
