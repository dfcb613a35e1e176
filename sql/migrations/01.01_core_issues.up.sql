-- Plan 1.1: naive timestamps get a zone, and e-mail addresses a check.
-- The session is in UTC, so the change of type rewrites nothing and 12:00 stays 12:00Z. A USING clause would rewrite.
-- The plan's check on training_frequency is in 01.02, which adds that column.
-- locks: plans ACCESS EXCLUSIVE, subscriptions ACCESS EXCLUSIVE, users ACCESS EXCLUSIVE
-- squawk-ignore-file changing-column-type -- in a UTC session this rewrites nothing

-- step: plans
ALTER TABLE plans
    ALTER COLUMN created_at TYPE timestamptz,
    ALTER COLUMN updated_at TYPE timestamptz;

-- step: subscriptions
ALTER TABLE subscriptions
    ALTER COLUMN current_period_start TYPE timestamptz,
    ALTER COLUMN current_period_end TYPE timestamptz,
    ALTER COLUMN created_at TYPE timestamptz,
    ALTER COLUMN updated_at TYPE timestamptz;

-- step: check new e-mail addresses
ALTER TABLE users ADD CONSTRAINT users_email_check CHECK (email ~* '^.+@.+\..+$') NOT VALID;

-- step: check stored e-mail addresses
-- While one breaks the rule, the check stays pending, and verify lists the rows.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM users WHERE email !~* '^.+@.+\..+$') THEN
        ALTER TABLE users VALIDATE CONSTRAINT users_email_check;
    END IF;
END
$$;
