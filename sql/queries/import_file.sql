-- The file that is imported. One row a user, source and content; the newest unit and zone stand.
INSERT INTO import_files (
    id, user_id, source, file_name, sha256, unit, time_zone, rows_read, rows_kept, rows_quarantined
)
VALUES (
    %(id)s, %(user_id)s, %(source)s, %(file_name)s, %(sha256)s, %(unit)s, %(time_zone)s, %(rows_read)s, %(rows_kept)s,
    %(rows_quarantined)s
)
ON CONFLICT (id) DO UPDATE SET
    unit = excluded.unit, time_zone = excluded.time_zone, rows_kept = excluded.rows_kept,
    rows_quarantined = excluded.rows_quarantined
WHERE (import_files.unit, import_files.time_zone, import_files.rows_kept, import_files.rows_quarantined)
    IS DISTINCT FROM (excluded.unit, excluded.time_zone, excluded.rows_kept, excluded.rows_quarantined)
