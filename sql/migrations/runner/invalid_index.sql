-- Whether a build of this index failed half way: IF NOT EXISTS would pass over what it left.
SELECT EXISTS (
    SELECT FROM pg_index WHERE indexrelid = to_regclass('public.' || quote_ident(%(name)s)) AND NOT indisvalid
) AS invalid
