-- Takes the runner's lock of this database, or tells at once that another has it. Never waits: a waiting
-- pg_advisory_lock and a CREATE INDEX CONCURRENTLY of the lock's holder wait for each other.
SELECT pg_try_advisory_lock(%(key)s) AS got
