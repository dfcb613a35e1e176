-- Whether the ledger has its newest column.
SELECT EXISTS (
    SELECT FROM pg_attribute
    WHERE attrelid = to_regclass('public.insights_migrations') AND attname = 'batch_checksum' AND NOT attisdropped
) AS complete
