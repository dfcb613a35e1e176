-- The last 64 bits of a UUID; 0 where there is none.
CREATE MACRO low_word(id) AS coalesce(CAST(id AS UHUGEINT) & 18446744073709551615::UHUGEINT, 0::UHUGEINT)
