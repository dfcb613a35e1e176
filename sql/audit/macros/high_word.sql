-- The first 64 bits of a UUID; 0 where there is none.
CREATE MACRO high_word(id) AS coalesce(CAST(id AS UHUGEINT) >> 64, 0::UHUGEINT)
