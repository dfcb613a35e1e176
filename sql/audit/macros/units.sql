-- A number as a whole count of 10^-12, so that sums are exact whatever their order.
CREATE MACRO units(number) AS CAST(number * 1e12 AS HUGEINT)
