-- Columns that are still naive, and users whose e-mail address breaks the check.
SELECT 'timestamp without time zone' AS problem, table_name || '.' || column_name AS subject
FROM information_schema.columns
WHERE table_schema = 'public' AND table_name IN ('plans', 'subscriptions')
  AND data_type = 'timestamp without time zone'
UNION ALL
SELECT 'users_email_check is pending: this address breaks it', id::text FROM users WHERE email !~* '^.+@.+\..+$'
UNION ALL
SELECT 'users_email_check is missing', 'users'
WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'users_email_check' AND conrelid = 'public.users'::regclass);
