-- Counts one more up step, in the step's own transaction.
INSERT INTO insights_migrations (id, name, state, steps_done, checksum, made_here, seconds, applied_at)
VALUES (%(id)s, %(name)s, %(state)s::text, %(steps_done)s, %(checksum)s, true, %(seconds)s,
        CASE WHEN %(state)s::text = 'applied' THEN clock_timestamp() END)
ON CONFLICT (id) DO UPDATE
SET name = excluded.name, state = excluded.state, steps_done = excluded.steps_done, checksum = excluded.checksum,
    seconds = insights_migrations.seconds + excluded.seconds, applied_at = excluded.applied_at,
    batch_cursor = NULL, batch_rows = NULL, batch_checksum = NULL
