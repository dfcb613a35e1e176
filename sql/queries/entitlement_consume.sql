-- Uses a feature: whether it was granted, why not, and what stands in the ledger now.
SELECT granted, reason, tier, usage_date, used_today, used_this_month, daily_limit, monthly_limit, remaining
FROM consume_feature(%(user_id)s::uuid, %(feature)s::text, %(n)s::integer, %(at)s::timestamptz)
