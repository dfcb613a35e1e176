-- Entitlements: what a tier may use and how often, and the functions by which the app asks, uses and gives back.
-- feature_usage (01.03) is the ledger: one row for a user, a feature and a day, with the limits that held at the last use.
-- locks: subscriptions SHARE UPDATE EXCLUSIVE
-- squawk-ignore-file ban-concurrent-index-creation-in-transaction -- that step runs without one

-- step: subscriptions by user (no transaction)
-- effective_tier looks here at every use, and the legacy table has no index but its key.
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_subscriptions_user_active ON subscriptions (user_id) WHERE is_active;

-- step: limits
CREATE TABLE plan_feature_limits (
    plan_type varchar(20) NOT NULL CHECK (plan_type IN ('free', 'plus', 'pro')),
    feature_name varchar(50) NOT NULL,
    enabled boolean NOT NULL,
    daily_limit integer CHECK (daily_limit >= 0), -- null: unlimited; 0: none
    monthly_limit integer CHECK (monthly_limit >= 0),
    PRIMARY KEY (plan_type, feature_name)
);

-- step: tiers
-- Each feature with the lowest tier that has it. 07.05's loses.sql holds the same list.
INSERT INTO plan_feature_limits (plan_type, feature_name, enabled)
SELECT t.tier, f.feature, t.rank >= f.rank
FROM (VALUES ('free', 1), ('plus', 2), ('pro', 3)) AS t (tier, rank)
CROSS JOIN (VALUES
    ('basic_logging', 1),
    ('rpe', 2), -- with its scales
    ('rom_quality', 2),
    ('advanced_set_types', 2),
    ('weekly_analytics', 2),
    ('monthly_analytics', 2),
    ('tempo_seconds', 3),
    ('partial_reps', 3),
    ('assisted_reps', 3),
    ('measured_rom', 3),
    ('biomechanics', 3),
    ('plateau_detection', 3),
    ('llm_insights', 3),
    ('on_demand', 3)
) AS f (feature, rank);

-- step: tier
-- The highest active subscription whose period holds the instant (start included, end not; null is open), else free.
-- A plans.type that is no tier gives nothing: verify lists it.
-- In plpgsql, as all here: to make a function in SQL would lock the tables that it reads.
CREATE FUNCTION effective_tier(user_id uuid, at timestamptz DEFAULT now()) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN coalesce(
        (SELECT lower(btrim(b.type))
         FROM public.subscriptions AS s
         JOIN public.plans AS b ON b.id = s.plan_id
         WHERE s.user_id = effective_tier.user_id
           AND s.is_active
           AND (s.current_period_start IS NULL OR s.current_period_start <= effective_tier.at)
           AND (s.current_period_end IS NULL OR s.current_period_end > effective_tier.at)
           AND lower(btrim(b.type)) IN ('free', 'plus', 'pro')
         ORDER BY array_position(ARRAY['pro', 'plus', 'free'], lower(btrim(b.type)))
         LIMIT 1),
        'free');
END
$$;

-- step: day
-- The day of an instant in a zone of users.tz; UTC where that is no zone of the tz database, as in the analytics.
-- AT TIME ZONE would take CET, EST and others for abbreviations, and so without summer time: the setting takes names.
-- A name with a digit and no slash would be read as a rule (UTC+3 lies west), unless it is one of the seven that exist.
CREATE FUNCTION local_day(at timestamptz, zone text) RETURNS date
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' -- and back to the caller's at the end
AS $$
BEGIN
    IF zone ~ '^[A-Za-z]' AND (zone ~ '/' OR zone !~ '[0-9,<]'
        OR zone IN ('EST5EDT', 'CST6CDT', 'MST7MDT', 'PST8PDT', 'GMT0', 'GMT+0', 'GMT-0'))
    THEN
        BEGIN
            PERFORM set_config('timezone', zone, true);
        EXCEPTION WHEN invalid_parameter_value THEN
            NULL; -- UTC stands
        END;
    END IF;
    RETURN at::date;
END
$$;

-- step: counts
-- How often a user has used a feature on a day, and in the calendar month of that day.
CREATE FUNCTION feature_uses(user_id uuid, feature text, day date, OUT on_day bigint, OUT in_month bigint)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    month date := date_trunc('month', day::timestamp);
BEGIN
    SELECT coalesce(sum(u.usage_count) FILTER (WHERE u.usage_date = day), 0), coalesce(sum(u.usage_count), 0)
    INTO on_day, in_month
    FROM public.feature_usage AS u
    WHERE u.user_id = feature_uses.user_id
      AND u.feature_name = feature
      AND u.usage_date >= month
      AND u.usage_date < month + interval '1 month';
END
$$;

-- step: lock
-- One at a time for a user and a feature, until the transaction ends: a sum over a month cannot be guarded by the
-- conflict on one day's row. Under REPEATABLE READ the sum would be older than the lock, so that is refused.
CREATE FUNCTION lock_feature(user_id uuid, feature text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_transaction_state',
            MESSAGE = 'a feature is used or given back in a READ COMMITTED transaction only',
            HINT = 'Under ' || upper(current_setting('transaction_isolation')) || ' limits could be passed unseen.';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('feature_usage:' || user_id || ':' || feature, 0));
END
$$;

-- step: consume
-- Uses a feature n times, all or none. Denied uses leave no row. The reason of a denial is not_in_plan, daily_limit or
-- monthly_limit; remaining is what is left today, null where nothing limits it.
CREATE FUNCTION consume_feature(user_id uuid, feature text, n integer DEFAULT 1, at timestamptz DEFAULT now())
RETURNS TABLE (
    granted boolean, reason text, tier text, usage_date date, used_today bigint, used_this_month bigint,
    daily_limit integer, monthly_limit integer, remaining bigint
)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    zone text;
    enabled boolean;
BEGIN
    IF n IS NULL OR n < 1 OR at IS NULL OR NOT isfinite(at) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('a feature is used once or more at some time, not %s times at %s', n, at);
    END IF;
    PERFORM public.lock_feature(user_id, feature);

    SELECT u.tz INTO zone FROM public.users AS u WHERE u.id = consume_feature.user_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'no_data_found', MESSAGE = format('there is no user %s', user_id);
    END IF;
    usage_date := public.local_day(at, zone);

    tier := public.effective_tier(user_id, at);
    SELECT l.enabled, l.daily_limit, l.monthly_limit INTO enabled, daily_limit, monthly_limit
    FROM public.plan_feature_limits AS l
    WHERE l.plan_type = tier AND l.feature_name = feature;
    IF NOT FOUND THEN
        IF NOT EXISTS (SELECT FROM public.plan_feature_limits AS l WHERE l.feature_name = feature) THEN
            RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('there is no feature %L', feature),
                HINT = 'plan_feature_limits names the features.';
        END IF;
        enabled := false; -- another tier has it
    END IF;

    INSERT INTO public.feature_usage AS kept
        (user_id, feature_name, usage_date, usage_count, daily_limit, monthly_limit)
    SELECT consume_feature.user_id, feature, consume_feature.usage_date, n,
           consume_feature.daily_limit, consume_feature.monthly_limit
    FROM public.feature_uses(consume_feature.user_id, feature, consume_feature.usage_date) AS used
    WHERE enabled
      AND (consume_feature.daily_limit IS NULL OR used.on_day + n <= consume_feature.daily_limit)
      AND (consume_feature.monthly_limit IS NULL OR used.in_month + n <= consume_feature.monthly_limit)
    ON CONFLICT (user_id, feature_name, usage_date) DO UPDATE
    SET usage_count = coalesce(kept.usage_count, 0) + excluded.usage_count,
        daily_limit = excluded.daily_limit,
        monthly_limit = excluded.monthly_limit
    WHERE excluded.daily_limit IS NULL
       OR coalesce(kept.usage_count, 0)::bigint + excluded.usage_count <= excluded.daily_limit;
    granted := FOUND;

    SELECT used.on_day, used.in_month INTO used_today, used_this_month
    FROM public.feature_uses(user_id, feature, consume_feature.usage_date) AS used;
    reason := CASE
        WHEN granted THEN NULL
        WHEN NOT enabled THEN 'not_in_plan'
        WHEN used_today + n > daily_limit THEN 'daily_limit'
        ELSE 'monthly_limit'
    END;
    remaining := CASE
        WHEN NOT enabled THEN 0
        WHEN daily_limit IS NULL AND monthly_limit IS NULL THEN NULL
        ELSE greatest(least(daily_limit - used_today, monthly_limit - used_this_month), 0)
    END;
    RETURN NEXT;
END
$$;

-- step: refund
-- Gives uses of a day back, at most those that there are; how many were given back. The day is the usage_date that
-- consume_feature told: it stays right over midnight and over a change of zone.
CREATE FUNCTION refund_feature(user_id uuid, feature text, usage_date date, n integer DEFAULT 1) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    given_back integer;
BEGIN
    IF n IS NULL OR n < 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('a feature is given back once or more, not %s times', n);
    END IF;
    PERFORM public.lock_feature(user_id, feature);
    SELECT least(n, u.usage_count) INTO given_back
    FROM public.feature_usage AS u
    WHERE u.user_id = refund_feature.user_id
      AND u.feature_name = feature
      AND u.usage_date = refund_feature.usage_date
      AND u.usage_count > 0
    FOR UPDATE;
    UPDATE public.feature_usage AS u
    SET usage_count = u.usage_count - given_back
    WHERE u.user_id = refund_feature.user_id
      AND u.feature_name = feature
      AND u.usage_date = refund_feature.usage_date
      AND given_back IS NOT NULL;
    RETURN coalesce(given_back, 0);
END
$$;

-- step: rights
-- They write as their owner, so nobody else may call them until it is granted.
REVOKE EXECUTE ON FUNCTION
    consume_feature(uuid, text, integer, timestamptz), refund_feature(uuid, text, date, integer)
FROM PUBLIC;
