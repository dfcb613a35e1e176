-- Gives uses of a day back: how many were given back.
SELECT refund_feature(%(user_id)s::uuid, %(feature)s::text, %(usage_date)s::date, %(n)s::integer) AS given_back
