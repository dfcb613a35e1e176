-- Back to naive timestamps (in UTC: nothing is rewritten) and unchecked e-mail addresses.
-- locks: users ACCESS EXCLUSIVE, subscriptions ACCESS EXCLUSIVE, plans ACCESS EXCLUSIVE
-- squawk-ignore-file changing-column-type, prefer-timestamp-tz -- back to what was; in a UTC session this rewrites nothing

-- step: users
ALTER TABLE users DROP CONSTRAINT users_email_check;

-- step: subscriptions
ALTER TABLE subscriptions
    ALTER COLUMN current_period_start TYPE timestamp,
    ALTER COLUMN current_period_end TYPE timestamp,
    ALTER COLUMN created_at TYPE timestamp,
    ALTER COLUMN updated_at TYPE timestamp;

-- step: plans
ALTER TABLE plans
    ALTER COLUMN created_at TYPE timestamp,
    ALTER COLUMN updated_at TYPE timestamp;
