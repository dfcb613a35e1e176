"""Rounding as the database rounds: the double's 15-digit decimal, half away from zero."""

from decimal import ROUND_HALF_UP, Context, Decimal

import numpy as np
import numpy.typing as npt
import polars as pl

_TIE_WIDTH = 1e-14  # 15 digits move a number by at most 5e-15 of itself; nearer to a tie than this, look at the digits
_WIDE = Context(prec=400)  # room for any double
_EXACT = 2.0**52  # up to here a double holds every integer and its halves
_LARGEST = 2.0**63  # beyond the units that 64 bits hold

Doubles = npt.NDArray[np.float64]


def stored(values: str | pl.Expr, scale: int) -> pl.Expr:
    """The column as PostgreSQL stores it in numeric(p, scale), as Float64: 86.625 -> 86.63, 1.005 -> 1.01.

    A double is first written with 15 significant digits, as `float8::numeric` does, so that 1.005 (in binary a little
    less) is the tie that a reader sees; then ties go away from zero. NaN and infinities stay, null stays null.
    """
    column = pl.col(values) if isinstance(values, str) else values
    return column.cast(pl.Float64).map_batches(lambda series: _stored(series, scale), return_dtype=pl.Float64)


def units(series: pl.Series, scale: int) -> npt.NDArray[np.int64]:
    """The column as PostgreSQL stores it in numeric(p, scale), in units of 10^-scale; null becomes 0.

    Raises:
        OverflowError: a value is NaN or infinite, or has more units than 64 bits hold.
    """
    values = series.cast(pl.Float64).fill_null(0.0).to_numpy()
    if not np.all(np.abs(values) < _LARGEST / 10.0**scale):  # NaN is not less than anything
        raise OverflowError(f"{series.name} holds a number that no numeric with {scale} decimals can")
    magnitudes, doubtful = _scaled(values, scale)
    rounded: npt.NDArray[np.int64] = (np.sign(values) * np.floor(magnitudes + 0.5)).astype(np.int64)
    rounded[doubtful] = [int(_by_digits(value, scale).scaleb(scale, _WIDE)) for value in values[doubtful].tolist()]
    return rounded


def _stored(series: pl.Series, scale: int) -> pl.Series:
    values = series.fill_null(0.0).to_numpy()
    finite = np.isfinite(values)
    magnitudes, doubtful = _scaled(np.where(finite, values, 0.0), scale)
    rounded = np.where(finite, np.copysign(np.floor(magnitudes + 0.5) / 10.0**scale, values) + 0.0, values)
    digits, places = np.unique(values[doubtful], return_inverse=True)
    decimals = [float(_by_digits(value, scale)) + 0.0 for value in digits.tolist()]
    rounded[doubtful] = np.array(decimals, dtype=np.float64)[places]
    missing = series.is_null()
    return pl.Series(series.name, rounded).set(missing, None) if missing.any() else pl.Series(series.name, rounded)


def _scaled(values: Doubles, scale: int) -> tuple[Doubles, npt.NDArray[np.intp]]:
    """Magnitudes in units of 10^-scale, not yet whole, and the places where only the digits can tell how to round."""
    magnitudes = np.abs(values) * 10.0**scale
    to_tie = np.abs(magnitudes - np.floor(magnitudes) - 0.5)
    return magnitudes, np.flatnonzero((to_tie <= _TIE_WIDTH * magnitudes) | (magnitudes >= _EXACT))


def _by_digits(value: float, scale: int) -> Decimal:
    """One number, rounded on its 15 significant digits."""
    return Decimal(f"{value:.15g}").quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, _WIDE)
