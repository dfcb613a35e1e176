-- An integer as 64 bits in two's complement; 2^63 where there is none.
CREATE MACRO whole_word(number) AS
    CASE WHEN number IS NULL THEN 9223372036854775808::UHUGEINT
         WHEN number < 0 THEN CAST(CAST(number AS HUGEINT) + 18446744073709551616::HUGEINT AS UHUGEINT)
         ELSE CAST(number AS UHUGEINT)
    END
