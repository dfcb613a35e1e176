-- Gives a user that the engine made a local pro subscription without end, once.
WITH plan AS (
    INSERT INTO plans (id, name, type, description, price)
    VALUES (%(plan_id)s, 'Local', 'pro', 'Everything, on the lifter''s own machine.', 0)
    ON CONFLICT (id) DO NOTHING
)
INSERT INTO subscriptions (id, user_id, plan_id, is_active, current_period_start)
VALUES (%(subscription_id)s, %(user_id)s, %(plan_id)s, true, now())
ON CONFLICT (id) DO NOTHING
