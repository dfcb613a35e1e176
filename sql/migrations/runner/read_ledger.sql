-- Every row of the ledger, in the order of the migrations.
SELECT id, name, state, steps_done, checksum, made_here, applied_at, seconds::float8 AS seconds
FROM insights_migrations
ORDER BY id
