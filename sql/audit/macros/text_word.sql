-- A text as 64 bits (`word` is the first 8 bytes of BLAKE2b with that digest size); 0 where there is none.
CREATE MACRO text_word(text) AS coalesce(CAST(word(text) AS UHUGEINT), 0::UHUGEINT)
