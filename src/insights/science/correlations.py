"""What goes along with good and bad days of a lift: rank correlations with the context of the day.

A correlation is never a cause. It is told only where at least 20 days have both an estimate and the context, and where
a permutation test holds at 1 % over all pairs that were tried for the user (Holm 1979). The estimate is taken as its
residual from the lift's own trend, so that months of progress beside months of better sleep make no correlation.

Whoever repeats it must find the same p. So ranks and residuals are whole numbers, and the permutations are no matter of
chance: they follow from `permutation_keys`, the same for every pair with as many days.
"""

from collections.abc import Iterator
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from insights.science import trends
from insights.science.context import FACTORS

MINIMUM_DAYS = 20
LEVEL_PERCENT = 1
PERMUTATIONS = 9_999
PERMUTATIONS_A_PAIR = 200  # with so many for each pair tried, the smallest p can still be told after Holm

_FIRST, _NEXT = 250, 1_000  # permutations at once: a pair without a connection seldom needs more than the first
_LIFT = ["user_id", "exercise_id"]
_PAIR = [*_LIFT, "factor"]
_PLACES = 256  # more days than 26 weeks have: no key is used twice
_MICRO = 1e6
_SCHEMA = {
    "user_id": pl.Binary, "exercise_id": pl.Binary, "factor": pl.String, "first_day": pl.Date, "last_day": pl.Date,
    "n": pl.Int64, "rho": pl.Float64, "p": pl.Float64, "p_holm": pl.Float64, "told": pl.Boolean,
}  # fmt: skip

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]
Places = npt.NDArray[np.intp]


def correlations(lift_days: pl.DataFrame, context_days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row a lift and factor that could be tried, over the 26 weeks up to `as_of`.

    Args:
        lift_days: from `strength.lift_days`.
        context_days: from `context.context_days`.
        as_of: the last day looked at.

    Returns user_id, exercise_id, factor (of `FACTORS`), first_day, last_day, n (days), rho (Spearman; ties share their
    mean rank), p (two-sided, of the permutations and the data themselves; null where it is 0.01 or more), p_holm (over
    all the user's pairs; null as p), told (p_holm < 0.01). Sorted by user, lift and factor. A lift or a factor that
    never changes cannot be tried.
    """
    pairs = pl.DataFrame() if context_days.is_empty() else _ranked_pairs(lift_days, context_days, as_of)
    if pairs.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    wanted = pl.max_horizontal(PERMUTATIONS + 1, PERMUTATIONS_A_PAIR * pl.len().over("user_id"))
    pairs = pairs.with_columns_seq(wanted=wanted.cast(pl.Int64)).sort("n", *_PAIR)
    tested = pairs.with_columns_seq(
        pl.DataFrame(_tested(pairs), schema={"rho": pl.Float64, "beyond": pl.Int64}, orient="row")
    )
    return _holm(tested).sort(_PAIR).select_seq(list(_SCHEMA))


def permutation_keys(first: int, permutations: int, places: int) -> Words:
    """The keys whose order gives permutations: row by row those of numbers first, first + 1, ...; a column a place.

    The key of permutation k at place i (from 0) is the mixed counter 256 k + i of SplitMix64 (Steele, Lea and Flood
    2014). The permutation puts the place with the smallest key first.
    """
    begins = np.arange(_PLACES * first, _PLACES * (first + permutations), _PLACES, dtype=np.uint64)
    counter: Words = np.add.outer(begins, np.arange(places, dtype=np.uint64))
    with np.errstate(over="ignore"):
        state: Words = np.multiply(counter, np.uint64(0x9E3779B97F4A7C15), dtype=np.uint64)
        state = (state ^ np.right_shift(state, np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ np.right_shift(state, np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= np.right_shift(state, np.uint64(31))
    return state


def _ranked_pairs(lift_days: pl.DataFrame, context_days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row a pair: _PAIR, first_day, last_day, n, and by day twice the ranks of residual and factor (lists)."""
    of_users = lift_days.join(context_days.select_seq("user_id").unique(), on="user_id", how="semi")
    long = (
        _residuals(trends.estimates(of_users, as_of))
        .join(context_days, on=["user_id", "day"])
        .unpivot(FACTORS, index=[*_LIFT, "day", "residual"], variable_name="factor", value_name="level")
        .drop_nulls("level")
        .filter(pl.len().over(_PAIR) >= MINIMUM_DAYS)
    )
    varies = [pl.col(name).n_unique().over(_PAIR) > 1 for name in ("residual", "level")]
    ranks = [(2 * pl.col(name).rank("average").over(_PAIR)).alias(name) for name in ("residual", "level")]
    return (
        long.filter(varies)
        .with_columns_seq(ranks)
        .sort(*_PAIR, "day")
        .group_by(_PAIR, maintain_order=True)
        .agg("residual", "level", first_day=pl.col("day").first(), last_day=pl.col("day").last(), n=pl.len())
        .with_columns_seq(pl.col("n").cast(pl.Int64))
    )


def _residuals(values: pl.DataFrame) -> pl.DataFrame:
    """user_id, exercise_id, day, residual: from the median pairwise slope, a whole number of sevenths of 10^-6 %."""
    whole = values.with_columns_seq(y=_nearest(pl.col("y") * _MICRO))
    slopes = trends.median_slopes(whole.with_columns_seq(pl.col("y").cast(pl.Float64)))
    slopes = slopes.select_seq(*_LIFT, slope=_nearest(pl.col("slope")))
    residual = 7 * pl.col("y") + pl.col("slope") * pl.col("age_days")
    return whole.join(slopes, on=_LIFT).select_seq(*_LIFT, "day", residual=residual)


def _nearest(value: pl.Expr) -> pl.Expr:
    return (value + 0.5).floor().cast(pl.Int64)


def _tested(pairs: pl.DataFrame) -> Iterator[tuple[float, int | None]]:
    """rho, and how many permutations reach it, of each of `pairs`; these are sorted by n."""
    known: dict[int, Places] = {}
    places = 0
    for n, wanted, one, other in pairs.select_seq("n", "wanted", "residual", "level").iter_rows():
        if n != places:
            known, places = {}, n
        yield _test(np.array(one), np.array(other), wanted, known)


def _test(one: Floats, other: Floats, wanted: int, known: dict[int, Places]) -> tuple[float, int | None]:
    """Spearman's rho of two columns of doubled ranks, and how many of `wanted` - 1 permutations are as far from 0.

    None as soon as those are too many for p < 0.01: a pair that is told by no rule is mostly done after a few hundred.
    `known` keeps the permutations of as many places. All numbers are whole, and so small that doubles hold them.
    """
    n, sums = len(one), one.sum() * other.sum()
    here = n * (one @ other) - sums
    scale = np.sqrt(n * (one @ one) - one.sum() ** 2) * np.sqrt(n * (other @ other) - other.sum() ** 2)
    beyond = 0
    for first in (1, *range(1 + _FIRST, wanted, _NEXT)):
        if first not in known:
            several = _FIRST if first == 1 else _NEXT
            known[first] = np.argsort(permutation_keys(first, several, n), axis=1, kind="stable")
        orders = known[first][: wanted - first]
        beyond += int((np.abs(n * (one[orders] @ other) - sums) >= abs(here)).sum())
        if 100 * (1 + beyond) >= LEVEL_PERCENT * wanted:
            return float(here / scale), None
    return float(here / scale), beyond


def _holm(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with p, p_holm and told: the k-th smallest p of m times m - k + 1, never falling. In whole numbers."""
    left = pl.len().over("user_id") - pl.int_range(pl.len()).over("user_id")
    reached = (1 + pl.col("beyond")) * left
    return (
        pairs.sort("user_id", "beyond", *_PAIR[1:], nulls_last=True)
        .with_columns_seq(stepped=reached.cum_max().over("user_id"))
        .with_columns_seq(
            p=(1 + pl.col("beyond")) / pl.col("wanted"),
            p_holm=pl.col("stepped") / pl.col("wanted"),
            told=(100 * pl.col("stepped") < LEVEL_PERCENT * pl.col("wanted")).fill_null(False),
        )
    )
