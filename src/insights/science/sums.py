"""Sums that are the same bit for bit, whatever the order of the rows and however the work is cut.

Adding floating-point numbers depends on their order, which a parallel group-by does not keep. So numbers are added
as whole multiples of 10^-12 in 128-bit integers, which is exact, and turned back into a double at the end.
"""

import polars as pl

_UNITS_PER_ONE = 1e12


def to_units(value: pl.Expr) -> pl.Expr:
    """A float column as whole multiples of 10^-12 (Int128). Finite values below 10^25 only."""
    return (value * _UNITS_PER_ONE).round().cast(pl.Int128)


def from_units(units: pl.Expr) -> pl.Expr:
    """The double nearest to a sum of units."""
    return units.cast(pl.Float64) / _UNITS_PER_ONE
