-- What another database needs to sort and store text as this one does.
SELECT pg_encoding_to_char(encoding)::text AS encoding, datlocprovider::text AS provider,
    datcollate::text AS collate, datctype::text AS ctype
FROM pg_database
WHERE datname = current_database()
