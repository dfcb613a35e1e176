"""Sums that are the same bit for bit, whatever the order of the rows and however the work is cut.

Adding floating-point numbers depends on their order, which a parallel group-by does not keep. So numbers are added
as whole multiples of 10^-12 in 128-bit integers, which is exact, and turned back into a double at the end.
"""

import polars as pl

_UNITS_PER_ONE = 1e12
_MICROGRAMS_PER_KG = 1e9


def to_units(value: pl.Expr) -> pl.Expr:
    """A float column as whole multiples of 10^-12 (Int128). Finite values below 10^25 only."""
    return (value * _UNITS_PER_ONE).round().cast(pl.Int128)


def from_units(units: pl.Expr) -> pl.Expr:
    """The double nearest to a sum of units."""
    return units.cast(pl.Float64) / _UNITS_PER_ONE


def to_micrograms(kilograms: pl.Expr) -> pl.Expr:
    """A column in kilograms as whole micrograms (Int64): volumes of days, weeks and months of 9 million tonnes fit."""
    return (kilograms * _MICROGRAMS_PER_KG).round().cast(pl.Int64)


def from_micrograms(micrograms: pl.Expr) -> pl.Expr:
    """Kilograms from a sum of micrograms: the nearest double, so that 1,050 kg are 1050.0. Null stays null."""
    return micrograms.map_batches(_kilograms, return_dtype=pl.Float64)


def _kilograms(micrograms: pl.Series) -> pl.Series:
    # Polars divides by a constant as it multiplies by the inverse, which is not always the nearest double
    kilograms = pl.Series(micrograms.name, micrograms.fill_null(0).to_numpy() / _MICROGRAMS_PER_KG)
    return kilograms.set(micrograms.is_null(), None) if micrograms.has_nulls() else kilograms
