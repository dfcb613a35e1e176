-- A double as text with 15 significant digits, as PostgreSQL writes it on the way to numeric. Cast to DECIMAL(p, s),
-- which rounds half away from zero, it is the stored number: 86.625 -> 86.63, 1.005 -> 1.01.
CREATE MACRO digits(number) AS printf('%.15g', CAST(number AS DOUBLE))
