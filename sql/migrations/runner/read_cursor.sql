-- Where the batches of a step stand; no row where they have not begun.
SELECT batch_cursor, batch_rows FROM insights_migrations
WHERE id = %(id)s AND batch_checksum = %(checksum)s AND batch_cursor IS NOT NULL
