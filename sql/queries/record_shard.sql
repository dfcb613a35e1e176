-- Records a finished shard, in the shard's own transaction.
INSERT INTO analytics_shards (run_id, shard, users, sets, rows_written, status, attempts, finished_at)
SELECT s.run_id, s.shard, s.users, s.sets, s.rows_written::jsonb, 'done', 1, now() FROM staged_rows AS s
