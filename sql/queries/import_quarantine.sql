-- Keeps a row that could not be read, with its reason; the same row once.
INSERT INTO import_quarantine (user_id, file_id, source, line, column_name, reason, raw)
VALUES (%(user_id)s, %(file_id)s, %(source)s, %(line)s, %(column)s, %(reason)s, to_jsonb(%(raw)s::text))
ON CONFLICT (user_id, source, md5(raw::text), reason) DO NOTHING
