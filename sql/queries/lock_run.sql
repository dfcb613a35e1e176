-- Holds the row of a run until the end of the transaction, so that new shards of it get numbers of their own.
SELECT FROM analytics_runs WHERE id = %(run_id)s FOR UPDATE
