-- The newest rehearsal of this schema with these files.
SELECT id, at, up_ok, down_ok, passed, sample_rows
FROM insights_rehearsals
WHERE fingerprint = %(fingerprint)s AND migrations = %(migrations)s
ORDER BY id DESC
LIMIT 1
