-- After a run: a dry run keeps none of its shards; another keeps them without their users, unless it was over some users
-- only, whom nothing else would tell.
WITH dry AS (
    DELETE FROM analytics_shards WHERE run_id = %(run_id)s AND %(dry_run)s
)
UPDATE analytics_shards SET user_ids = NULL
WHERE run_id = %(run_id)s AND NOT %(dry_run)s AND NOT %(some_users)s AND status = 'done'
