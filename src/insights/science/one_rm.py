"""One-repetition maxima: the published formulas, which one holds for a set, and how sure the result is.

Every formula takes the weight in kilograms and N, the repetitions to failure (repetitions done + repetitions in
reserve), as columns or expressions, and gives kilograms. All give the weight itself at N = 1, and null below 1.

Only Brzycki, Epley and the RTS curve are ever chosen. They and `sigma` are written with + - * / and sqrt in a fixed
order, so that any IEEE 754 engine that keeps the order gets the same bits. Polars divides by a constant as it
multiplies by the inverse, which is not the same to the last bit; so the inverse is written out.
"""

from itertools import pairwise
from math import factorial, pi, sqrt

import numpy as np
import polars as pl

Column = str | pl.Expr

MAXIMUM_N = 12.0  # no formula holds above
BRZYCKI_MAXIMUM_N = 10.0

# The RTS chart [Tuchscherer] as one curve: per cent of the 1RM at N = 1, 1.5, 2, ... 16.
RTS_CURVE = (
    100.0, 97.8, 95.5, 93.9, 92.2, 90.7, 89.2, 87.8, 86.3, 85.0, 83.7, 82.4, 81.1, 79.9, 78.6, 77.4,
    76.2, 75.1, 73.9, 72.3, 70.7, 69.4, 68.0, 66.7, 65.3, 64.0, 62.6, 61.3, 59.9, 58.6, 57.2,
)  # fmt: skip


def _column(column: Column) -> pl.Expr:
    return pl.col(column) if isinstance(column, str) else column


def _defined(formula: pl.Expr, weight: Column, n: Column, below: float | None = None) -> pl.Expr:
    """The formula where it is defined: the weight itself at N = 1, null under 1 and from `below` on."""
    repetitions = _column(n)
    valid = repetitions > 1 if below is None else (repetitions > 1) & (repetitions < below)
    return pl.when(repetitions == 1).then(_column(weight)).when(valid).then(formula)


def epley(weight: Column, n: Column) -> pl.Expr:
    """w (1 + N / 30) [Epley 1985]."""
    return _defined(_column(weight) * (1.0 + _column(n) * (1.0 / 30.0)), weight, n)


def brzycki(weight: Column, n: Column) -> pl.Expr:
    """36 w / (37 - N), for N < 37 [Brzycki 1993]."""
    return _defined(36.0 * _column(weight) / (37.0 - _column(n)), weight, n, below=37.0)


def lombardi(weight: Column, n: Column) -> pl.Expr:
    """w N^0.10 [Lombardi 1989]."""
    return _defined(_column(weight) * _column(n).cast(pl.Float64).pow(0.10), weight, n)


def oconner(weight: Column, n: Column) -> pl.Expr:
    """w (1 + 0.025 N) [O'Conner 1989]."""
    return _defined(_column(weight) * (1.0 + 0.025 * _column(n)), weight, n)


def lander(weight: Column, n: Column) -> pl.Expr:
    """100 w / (101.3 - 2.67123 N) [Lander 1985], for N below 37.9, where the divisor reaches 0."""
    return _defined(100.0 * _column(weight) / (101.3 - 2.67123 * _column(n)), weight, n, below=101.3 / 2.67123)


def mayhew(weight: Column, n: Column) -> pl.Expr:
    """100 w / (52.2 + 41.9 e^(-0.055 N)) [Mayhew 1992]."""
    return _defined(100.0 * _column(weight) / (52.2 + 41.9 * (-0.055 * _column(n)).exp()), weight, n)


def wathan(weight: Column, n: Column) -> pl.Expr:
    """100 w / (48.8 + 53.8 e^(-0.075 N)) [Wathan 1994]."""
    return _defined(100.0 * _column(weight) / (48.8 + 53.8 * (-0.075 * _column(n)).exp()), weight, n)


def rts_percent(n: Column) -> pl.Expr:
    """Per cent of the 1RM that goes N times: the RTS curve, linear between its points, null outside 1 to 16."""
    position = (_column(n).cast(pl.Float64) - 1.0) * 2.0
    point = position.floor().cast(pl.Int32, strict=False)
    points = list(range(len(RTS_CURVE)))
    steps = [after - before for before, after in pairwise(RTS_CURVE)]
    start = point.replace_strict(points, list(RTS_CURVE), default=None, return_dtype=pl.Float64)
    step = point.replace_strict(points, [*steps, 0.0], default=None, return_dtype=pl.Float64)
    return pl.when(position <= float(points[-1])).then(start + (position - point) * step)


def rts(weight: Column, n: Column) -> pl.Expr:
    """100 w / percent(N), by the RTS curve [Tuchscherer], for N from 1 to 16."""
    return 100.0 * _column(weight) / rts_percent(n)


def repetitions_to_failure(reps: Column, rir: Column) -> pl.Expr:
    """N = reps + RIR; with RIR unknown N = reps, a lower bound."""
    return _column(reps) + _column(rir).fill_null(0.0)


def method(reps: Column, rir: Column, rpe: Column) -> pl.Expr:
    """Which formula a set takes: "measured", "rpe", "brzycki", "epley", or null above N = 12 or below one repetition.

    `rpe` is a usable RPE (scale rpe_10, 6 to 10) or null. RIR may be known without one, and may be 0 beside one.
    """
    n = repetitions_to_failure(reps, rir)
    return (
        pl.when((n < 1) | (n > MAXIMUM_N))
        .then(None)
        .when((n == 1) & _column(rir).is_not_null())
        .then(pl.lit("measured"))
        .when(_column(rpe).is_not_null())
        .then(pl.lit("rpe"))
        .when(n <= BRZYCKI_MAXIMUM_N)
        .then(pl.lit("brzycki"))
        .when(n <= MAXIMUM_N)
        .then(pl.lit("epley"))
    )


def estimate(weight: Column, reps: Column, rir: Column, rpe: Column) -> pl.Expr:
    """The 1RM in kilograms by the method of the set, null where there is none."""
    n = repetitions_to_failure(reps, rir)
    chosen = method(reps, rir, rpe)
    return (
        pl.when(chosen == "measured")
        .then(_column(weight))
        .when(chosen == "rpe")
        .then(rts(weight, n))
        .when(chosen == "brzycki")
        .then(brzycki(weight, n))
        .when(chosen == "epley")
        .then(epley(weight, n))
    )


def sigma(reps: Column, rir: Column, is_deadlift: Column) -> pl.Expr:
    """The relative standard error of the set's estimate (convention, its parts from the studies below).

    sigma^2 = (s sd_rir)^2 + (s sd_person)^2 + 0.042^2 + 0.05^2 for deadlifts, where s = 0.03 + 0.003 max(0, N - 5) is
    the change of the 1RM with one repetition, sd_rir = (0.3 + 0.25 RIR) max(1, N / 10)^2 [Refalo 2023, Zourdos 2021],
    sd_person = 2.5 (N - 1) / 9, 0.042 the spread of a repeated 1RM test [Grgic 2020] and 0.05 for [LeSuer 1997].
    RIR unknown: N = reps + 2 and sd_rir = 3.3 max(1, N / 10)^2.
    """
    known = _column(rir).is_not_null()
    n = _column(reps) + _column(rir).fill_null(2.0)
    slope = 0.03 + 0.003 * (n - 5.0).clip(lower_bound=0.0)
    stretch = (n * 0.1).clip(lower_bound=1.0)
    reserve = pl.when(known).then(0.3 + 0.25 * _column(rir)).otherwise(3.3) * (stretch * stretch)
    person = (2.5 / 9.0) * (n - 1.0)
    deadlift = pl.when(_column(is_deadlift)).then(0.05 * 0.05).otherwise(0.0)
    in_reserve, in_person = slope * reserve, slope * person
    return (in_reserve * in_reserve + in_person * in_person + 0.042 * 0.042 + deadlift).sqrt()


def erf(x: Column) -> pl.Expr:
    """The error function by its Maclaurin series, exact to 1e-15 for |x| <= 1.

    That is all `confidence` needs: sigma is never below 0.042, so x is never above 0.842.
    """
    return _column(x).cast(pl.Float64).map_batches(_erf, return_dtype=pl.Float64)


def _erf(x: pl.Series) -> pl.Series:
    # in NumPy, which adds and multiplies to the same bits: as an expression, the series would name x 39 times
    value = x.to_numpy()
    square = value * value
    coefficients = [(-1.0) ** k / (factorial(k) * (2 * k + 1)) for k in range(20)]
    series = np.full(len(value), coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        series = series * square + coefficient
    found = pl.Series(x.name, 2.0 / sqrt(pi) * value * series)
    return found.set(x.is_null(), None) if x.has_nulls() else found


def confidence(sigma: Column) -> pl.Expr:
    """The probability that the true 1RM lies within 5 % of the estimate: erf(0.05 / (sigma sqrt 2))."""
    return erf(0.05 / (_column(sigma) * sqrt(2.0)))
