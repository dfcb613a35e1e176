-- A day as 64 bits: days since 1970-01-01 in two's complement.
CREATE MACRO day_word(day) AS whole_word(day - DATE '1970-01-01')
