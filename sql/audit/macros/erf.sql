-- The error function for x >= 0, to 1e-14: 2/sqrt(pi) e^(-x^2) (x + 2x^3/3 + 4x^5/15 + ...), a series of positive terms
-- only [Abramowitz and Stegun 7.1.6], from the innermost bracket outwards. Above 6 a double cannot tell it from 1.
CREATE MACRO erf(x) AS
    CASE WHEN x > 6 THEN CAST(1 AS DOUBLE)
         ELSE 2 / sqrt(pi()) * x * exp(-x * x)
              * list_reduce(range(120, -1, -1), lambda rest, k: 1 + rest * 2 * x * x / (2 * k + 3), CAST(1 AS DOUBLE))
    END
