-- The double that a sum of units stands for.
CREATE MACRO of_units(total) AS CAST(total AS DOUBLE) / 1e12
