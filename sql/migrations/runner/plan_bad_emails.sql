-- Users whose address breaks users_email_check: while there is one, the check stays pending.
SELECT id::text AS id, email::text AS email, count(*) OVER ()::int AS total
FROM public.users
WHERE email !~* '^.+@.+\..+$'
ORDER BY id
LIMIT 20
