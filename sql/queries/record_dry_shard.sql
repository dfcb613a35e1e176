-- Settles a shard whose rows were computed and compared, and not kept.
UPDATE analytics_shards SET status = 'done', sets = %(sets)s, rows_written = %(rows_written)s, verdicts = %(verdicts)s,
    finished_at = now(), error = NULL
WHERE run_id = %(run_id)s AND shard = %(shard)s
