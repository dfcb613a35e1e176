"""What goes along with good and bad days of a lift: rank correlations with the context of the session.

A correlation is never a cause. It is told only where at least 20 days have both an estimate and the context, and where
a permutation test holds at 1 % over all pairs that were tried for the user (Holm 1979). The estimate is taken as its
residual from the lift's own trend, so that months of progress beside months of better sleep make no correlation.
"""

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from insights.science import trends

FACTORS = ("sleep_hours", "sleep_quality", "stress_level", "energy_level")
MINIMUM_DAYS = 20
LEVEL = 0.01
PERMUTATIONS = 9_999

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

_SCHEMA = {
    "user_id": pl.Binary, "exercise_id": pl.Binary, "factor": pl.String, "n": pl.Int64, "rho": pl.Float64,
    "p": pl.Float64, "p_holm": pl.Float64, "told": pl.Boolean,
}  # fmt: skip


def correlations(
    lift_days: pl.DataFrame, context: pl.DataFrame, as_of: date, *, seed: int, permutations: int = PERMUTATIONS
) -> pl.DataFrame:
    """One row a lift and factor that could be tried, over the 26 weeks up to `as_of`.

    Args:
        lift_days: from `strength.lift_days`.
        context: user_id, day, and the columns of `FACTORS` (null where not logged); one row a day, the mean of the
            day's sessions.
        seed: decides the permutations; the same seed gives the same p.
        permutations: at most 1 / p that can be shown; a user's pairs share the level, so 9,999 are enough for 99 pairs.

    Returns user_id, exercise_id, factor, n (days), rho (Spearman; ties share their mean rank), p (two-sided, of the
    permutations and the data themselves), p_holm (over the user's pairs), told (p_holm < 0.01). Sorted by user, lift
    and factor. A lift or a factor that never changes cannot be tried.
    """
    days = _residuals(lift_days, as_of).join(context, on=["user_id", "day"])
    tried = []
    for (user, lift), rows in days.sort("user_id", "exercise_id", "day").group_by(
        ["user_id", "exercise_id"], maintain_order=True
    ):
        for factor in FACTORS:
            both = rows.filter(pl.col(factor).is_finite())
            ranks = both.select(pl.col("residual", factor).rank("average")).to_numpy().T
            if both.height >= MINIMUM_DAYS and np.ptp(ranks, axis=1).min() > 0:
                rho, p = _permuted(ranks[0], ranks[1], seed, permutations)
                tried.append((user, lift, factor, both.height, rho, p))
    pairs = pl.DataFrame(tried, schema=dict(list(_SCHEMA.items())[:6]), orient="row")
    return _holm(pairs).select(list(_SCHEMA))


def _residuals(lift_days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """user_id, exercise_id, day, residual: y less the median pairwise slope, rounded so that equal days stay equal."""
    lift = ["user_id", "exercise_id"]
    values = trends.estimates(lift_days, as_of)
    slopes = trends.median_slopes(values)
    residual = pl.col("y") + pl.col("slope") * pl.col("age_days") / 7
    return values.join(slopes, on=lift).select(*lift, "day", residual=residual.round(9))


def _permuted(one: Floats, other: Floats, seed: int, permutations: int) -> tuple[float, float]:
    """Spearman's rho of two columns of ranks, and its two-sided p by permutation."""
    one, other = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((one * one).sum() * (other * other).sum()))
    rho = float((one * other).sum()) / scale
    order = np.argsort(_scattered(seed, permutations, len(one)), axis=1, kind="stable")
    # ranks are halves, so the products are exact but for the means: a hair below counts as equal
    beyond = np.abs(one[order] @ other) >= abs(rho) * scale * (1 - 1e-12)
    return rho, (1 + int(beyond.sum())) / (permutations + 1)


def _scattered(seed: int, rows: int, columns: int) -> Words:
    """Numbers without order from a seed: splitmix64 (Steele, Lea and Flood 2014), the same on every machine."""
    with np.errstate(over="ignore"):
        state = np.arange(1, rows * columns + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (state ^ (state >> np.uint64(31))).reshape(rows, columns)


def _holm(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs with p_holm and told: the k-th smallest p of a user's m times m - k + 1, never falling, at most 1."""
    left = pl.len().over("user_id") - pl.int_range(pl.len()).over("user_id")
    stepped = (pl.col("p") * left).cum_max().over("user_id").clip(upper_bound=1.0)
    return (
        pairs.sort("user_id", "p", "exercise_id", "factor")
        .with_columns(p_holm=stepped)
        .with_columns(told=pl.col("p_holm") < LEVEL)
        .sort("user_id", "exercise_id", "factor")
    )
