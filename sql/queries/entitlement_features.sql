-- What a user's tier at an instant says of each feature.
SELECT l.feature_name AS feature, l.enabled, l.daily_limit, l.monthly_limit
FROM effective_tier(%(user_id)s::uuid, %(at)s::timestamptz) AS t (tier)
JOIN plan_feature_limits AS l ON l.plan_type = t.tier
ORDER BY l.feature_name
