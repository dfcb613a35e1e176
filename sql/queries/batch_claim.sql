-- Takes the batches of an endpoint that are under way and that nobody else looks after.
UPDATE insight_batches AS b SET worker = %(worker)s
WHERE b.id IN (
    SELECT o.id
    FROM insight_batches AS o
    WHERE o.state IN ('intended', 'created') AND o.endpoint = %(endpoint)s
      AND (o.worker IS NULL OR o.worker = %(worker)s OR NOT EXISTS (
          SELECT FROM pg_locks AS k JOIN pg_database AS d ON d.oid = k.database AND d.datname = current_database()
          WHERE k.locktype = 'advisory' AND k.classid = %(space)s::bigint::oid
            AND k.objid = o.worker::bigint::oid AND k.objsubid = 2
      ))
    FOR UPDATE SKIP LOCKED
)
RETURNING b.id, b.state, b.model, b.input_file_id, b.server_id
