-- Names in the public schema that are taken: of relations, of types that no table made, of functions.
SELECT relname::text AS name FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relname = ANY (%(names)s::text[])
UNION
SELECT typname::text FROM pg_type
WHERE typnamespace = 'public'::regnamespace AND typname = ANY (%(names)s::text[]) AND typtype = 'e'
UNION
SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname = ANY (%(names)s::text[])
ORDER BY 1
