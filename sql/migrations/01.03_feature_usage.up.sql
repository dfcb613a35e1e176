-- Plan 1.3: how often a user used a feature on a day, for the limits of a subscription.
-- The plan's idx_feature_usage_user_feature_date repeats the UNIQUE exactly and is left out.
-- locks: users SHARE ROW EXCLUSIVE
CREATE TABLE feature_usage (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    feature_name varchar(50) NOT NULL,
    usage_date date NOT NULL,
    usage_count integer DEFAULT 1,
    daily_limit integer,
    monthly_limit integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, feature_name, usage_date)
);
