-- Keeps the cursor of a step's batches, in the batch's own transaction.
INSERT INTO insights_migrations (
    id, name, state, steps_done, checksum, made_here, seconds, batch_cursor, batch_rows, batch_checksum
)
VALUES (%(id)s, %(name)s, 'going_up', %(steps_done)s, %(checksum)s, true, %(seconds)s,
        %(cursor)s, %(rows)s, %(batch_checksum)s)
ON CONFLICT (id) DO UPDATE
SET seconds = insights_migrations.seconds + excluded.seconds, batch_cursor = excluded.batch_cursor,
    batch_rows = excluded.batch_rows, batch_checksum = excluded.batch_checksum
