-- Drops the functions, the limits and the index. The ledger, feature_usage, belongs to 01.03 and stays.
-- locks: subscriptions SHARE UPDATE EXCLUSIVE

-- step: functions
DROP FUNCTION refund_feature(uuid, text, date, integer);
DROP FUNCTION consume_feature(uuid, text, integer, timestamptz);
DROP FUNCTION lock_feature(uuid, text);
DROP FUNCTION feature_uses(uuid, text, date);
DROP FUNCTION local_day(timestamptz, text);
DROP FUNCTION effective_tier(uuid, timestamptz);

-- step: limits
DROP TABLE plan_feature_limits;

-- step: subscriptions by user (no transaction)
DROP INDEX CONCURRENTLY IF EXISTS idx_subscriptions_user_active;
