-- Whether the database has a ledger.
SELECT to_regclass('public.insights_migrations') IS NOT NULL AS found
