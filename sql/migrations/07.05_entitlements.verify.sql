-- What would deny someone what was paid for, or slow every use down.
SELECT 'index is missing or invalid' AS problem, 'idx_subscriptions_user_active' AS subject
WHERE NOT EXISTS (
    SELECT FROM pg_index WHERE indexrelid = to_regclass('public.idx_subscriptions_user_active') AND indisvalid
)
UNION ALL
SELECT 'active subscriptions to a plan whose type is no tier: they count as free', b.id || ' (' || b.type || ')'
FROM plans AS b
WHERE lower(btrim(b.type)) NOT IN ('free', 'plus', 'pro')
  AND EXISTS (SELECT FROM subscriptions AS s WHERE s.plan_id = b.id AND s.is_active)
UNION ALL
SELECT 'a tier has no row for a feature and so does not have it', t.tier || ' ' || f.feature_name
FROM (VALUES ('free'), ('plus'), ('pro')) AS t (tier)
CROSS JOIN (SELECT DISTINCT feature_name FROM plan_feature_limits) AS f
WHERE NOT EXISTS (
    SELECT FROM plan_feature_limits AS l WHERE l.plan_type = t.tier AND l.feature_name = f.feature_name
)
ORDER BY problem, subject;
