-- What decides which insights users get and how: tier, features, consent, units, zone, injuries.
SELECT u.id, u.tz AS time_zone, u.injury_history,
       lower(coalesce(p.preferred_units, u.units, 'metric')) AS units,
       coalesce(p.insight_notifications, true) AS wants_insights,
       coalesce(p.llm_processing, false) AS llm_processing,
       t.tier,
       ARRAY(
           SELECT l.feature_name::text
           FROM plan_feature_limits AS l
           WHERE l.plan_type = t.tier
             AND l.enabled
             AND l.daily_limit IS DISTINCT FROM 0
             AND l.monthly_limit IS DISTINCT FROM 0
           ORDER BY l.feature_name
       ) AS features
FROM users AS u
CROSS JOIN effective_tier(u.id, %(at)s) AS t (tier)
LEFT JOIN user_preferences AS p ON p.user_id = u.id
WHERE u.id = ANY (%(user_ids)s)
ORDER BY u.id
