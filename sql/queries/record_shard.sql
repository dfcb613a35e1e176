-- Settles a shard in the transaction that wrote its rows. No row: another process has settled it meanwhile.
UPDATE analytics_shards AS s SET
    status = 'done', users = x.users, sets = x.sets, rows_written = x.rows_written::jsonb,
    verdicts = x.verdicts::jsonb, finished_at = clock_timestamp(), error = NULL
FROM staged_rows AS x
WHERE s.run_id = x.run_id AND s.shard = x.shard AND s.status = 'running'
RETURNING s.shard
