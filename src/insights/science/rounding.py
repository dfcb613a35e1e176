"""Rounding as the database rounds: the double's 15-digit decimal, half away from zero."""

from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np
import polars as pl

_TIE_WIDTH = 1e-14  # 15 digits move a number by at most 5e-15 of itself; nearer to a tie than this, look at the digits
_WIDE = Context(prec=400)  # room for any double
_EXACT = 2.0**52  # up to here a double holds every integer and its halves


def stored(values: str | pl.Expr, scale: int) -> pl.Expr:
    """The column as PostgreSQL stores it in numeric(p, scale), as Float64: 86.625 -> 86.63, 1.005 -> 1.01.

    A double is first written with 15 significant digits, as `float8::numeric` does, so that 1.005 (in binary a little
    less) is the tie that a reader sees; then ties go away from zero. NaN and infinities stay, null stays null.
    """
    column = pl.col(values) if isinstance(values, str) else values
    return column.cast(pl.Float64).map_batches(lambda series: _stored(series, scale), return_dtype=pl.Float64)


def _stored(series: pl.Series, scale: int) -> pl.Series:
    values = series.fill_null(0.0).to_numpy()
    finite = np.isfinite(values)
    scaled = np.abs(np.where(finite, values, 0.0)) * 10.0**scale
    whole = np.floor(scaled)
    rounded = np.where(finite, np.copysign(np.floor(scaled + 0.5) / 10.0**scale, values) + 0.0, values)
    doubtful = np.flatnonzero((np.abs(scaled - whole - 0.5) <= _TIE_WIDTH * scaled) | (scaled >= _EXACT))
    digits, places = np.unique(values[doubtful], return_inverse=True)
    rounded[doubtful] = np.array([_by_digits(value, scale) for value in digits.tolist()], dtype=np.float64)[places]
    missing = series.is_null()
    return pl.Series(series.name, rounded).set(missing, None) if missing.any() else pl.Series(series.name, rounded)


def _by_digits(value: float, scale: int) -> float:
    """One number, rounded on its 15 significant digits."""
    unit = Decimal(1).scaleb(-scale)
    return float(Decimal(f"{value:.15g}").quantize(unit, ROUND_HALF_UP, _WIDE)) + 0.0
