-- What decides which insights a user gets and how: tier, consent, units. The tier is the highest active subscription
-- within its period, else free.
SELECT u.id,
       lower(coalesce(p.preferred_units, u.units, 'metric')) AS units,
       coalesce(p.insight_notifications, true) AS wants_insights,
       coalesce(p.llm_processing, false) AS llm_processing,
       coalesce(
           (SELECT lower(b.type)
            FROM subscriptions AS s
            JOIN plans AS b ON b.id = s.plan_id
            WHERE s.user_id = u.id
              AND s.is_active
              AND (s.current_period_start IS NULL OR s.current_period_start <= %(at)s)
              AND (s.current_period_end IS NULL OR s.current_period_end > %(at)s)
            ORDER BY array_position(ARRAY['pro', 'plus', 'free'], lower(b.type)) NULLS LAST
            LIMIT 1),
           'free') AS tier
FROM users AS u
LEFT JOIN user_preferences AS p ON p.user_id = u.id
WHERE u.id = ANY (%(user_ids)s)
ORDER BY u.id
