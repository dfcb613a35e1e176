-- Drops the queue's own tables and columns; the ledger, of 07.04, stays.
-- locks: user_insights ACCESS EXCLUSIVE, insight_ledger ACCESS EXCLUSIVE, users ACCESS EXCLUSIVE

-- step: triggers
DROP TRIGGER insights_note_dismissal ON user_insights;

-- step: dismissed insights (no transaction)
DROP INDEX CONCURRENTLY IF EXISTS idx_user_insights_dismissed;

-- step: dismissals
ALTER TABLE user_insights DROP COLUMN dismissed_at;

-- step: requests
DROP TABLE insight_requests;

-- step: functions
DROP FUNCTION request_insights(uuid, timestamptz);
DROP FUNCTION announce_request();
DROP FUNCTION note_dismissal();

-- step: prompts and answers that are kept (no transaction)
DROP INDEX CONCURRENTLY IF EXISTS idx_insight_ledger_kept;

-- step: calls and batches
DROP TABLE insight_calls;
DROP TABLE insight_batches;
DROP TABLE insight_budgets;

-- step: ledger
ALTER TABLE insight_ledger
    DROP COLUMN insight_type,
    DROP COLUMN as_of,
    DROP COLUMN job,
    DROP COLUMN worker,
    DROP COLUMN rejected,
    DROP COLUMN unknown;
