-- Keeps what the server has told of a batch.
UPDATE insight_batches
SET state = coalesce(%(state)s, state), input_file_id = coalesce(%(input_file_id)s, input_file_id),
    server_id = coalesce(%(server_id)s, server_id), server_status = coalesce(%(server_status)s, server_status),
    reason = coalesce(%(reason)s, reason), lines = coalesce(%(lines)s, lines), updated_at = now()
WHERE id = %(id)s
