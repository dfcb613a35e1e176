"""How often the trend rule is right: simulated series of known slope, `python -m benchmarks.trends [SERIES]`.

A cell is a day-to-day spread, a number of sessions a week and a delta; each is measured on series of their own, 1,000
unless told. Every series ends on the day of the look. Shares are in per cent of the series; a limit is broken where the
share lies more than two binomial standard errors beyond it.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from math import sqrt
from typing import Any

import numpy as np
import polars as pl

from insights.science.trends import FALLING, PLATEAU, RISING, look
from insights.simulate.series import draw_series

AS_OF = date(2025, 6, 30)
SEED = 20_250_630
WEEKS = 26  # the longest window of the rule
YEAR = 52
LOOKS_APART_WEEKS = 4
SPREADS_PCT = (2.0, 3.0, 4.2)
SESSIONS_A_WEEK = (1, 2)
DELTAS = (0.5, 1.0)
UGLY = {"missed": 0.25, "step_kg": 2.5}
STALLS_WEEKS = (8, 12, 16, 20)
AUTOCORRELATION = 0.3
SERIES = 1000


@dataclass(frozen=True, slots=True)
class Cell:
    """Under which conditions a share is measured."""

    sd_pct: float
    sessions_per_week: int
    delta: float

    def __str__(self) -> str:
        return f"SD {self.sd_pct:g} %, {self.sessions_per_week} a week, delta {self.delta:g}"


@dataclass(frozen=True, slots=True)
class Limit:
    """What a share may be at most, or must be at least (0-1)."""

    share: float
    at_least: bool = False

    def holds(self, share: float, series: int) -> bool:
        """Whether a measured share keeps to it, two binomial standard errors allowed."""
        allowed = 2 * sqrt(self.share * (1 - self.share) / series)
        return share >= self.share - allowed if self.at_least else share <= self.share + allowed

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {100 * self.share:g} %"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured share (0-1) of a cell."""

    name: str
    cell: Cell
    share: float
    series: int
    limit: Limit | None = None

    @property
    def holds(self) -> bool:
        """Whether it keeps to its limit; true where there is none."""
        return self.limit is None or self.limit.holds(self.share, self.series)


CELLS = tuple(Cell(*values) for values in product(SPREADS_PCT, SESSIONS_A_WEEK, DELTAS))


def limited(series: int = SERIES) -> Iterator[Figure]:
    """The shares that have a limit: false trends, false plateaus (clean and ugly series), plateaus found."""
    for place, cell in enumerate(CELLS):
        still = _kinds(cell, series, place, 0, slope_pct_week=0.0)
        rising = _kinds(cell, series, place, 1, slope_pct_week=cell.delta)
        ugly = _kinds(cell, series, place, 2, slope_pct_week=cell.delta, **UGLY)
        for name, share, limit in (
            ("false trend at slope 0", _share(still, RISING, FALLING), Limit(0.05)),
            ("false plateau at slope delta", _share(rising, PLATEAU), Limit(0.05)),
            ("the same, 25 % missed, 2.5 kg steps", _share(ugly, PLATEAU), Limit(0.07)),
            ("plateau found at slope 0", _share(still, PLATEAU), Limit(0.80, at_least=True)),
        ):
            yield Figure(name, cell, share, series, limit)


def told_without_limit(series: int = SERIES) -> Iterator[Figure]:
    """The shares that are only told: stalls after a gain, noise that remembers, claims of a year of looks."""
    for place, cell in enumerate(CELLS):
        for weeks in STALLS_WEEKS:
            stalled = _kinds(cell, series, place, weeks, slope_pct_week=cell.delta, stalled_weeks=float(weeks))
            yield Figure(f"plateau after a stall of {weeks} weeks", cell, _share(stalled, PLATEAU), series)
            yield Figure(f"rising after a stall of {weeks} weeks", cell, _share(stalled, RISING), series)
        noisy = _kinds(cell, series, place, 3, slope_pct_week=0.0, autocorrelation=AUTOCORRELATION)
        yield Figure("false trend with AR(1) 0.3", cell, _share(noisy, RISING, FALLING), series)
        for name, share in _year(cell, series, place):
            yield Figure(name, cell, share, series)


def _kinds(cell: Cell, series: int, *stream: int, **recipe: Any) -> pl.Series:
    return _look(_drawn(cell, series, stream, WEEKS, **recipe), cell, AS_OF)


def _drawn(cell: Cell, series: int, stream: tuple[int, ...], weeks: int, **recipe: Any) -> pl.DataFrame:
    """Series as the columns of `strength.lift_days` that a look reads, one lift each."""
    random = np.random.default_rng([SEED, *stream])
    drawn = [
        draw_series(random, sd_pct=cell.sd_pct, sessions_per_week=cell.sessions_per_week, weeks=weeks, **recipe)
        for _ in range(series)
    ]
    lift = np.repeat(np.arange(series), [len(one.days) for one in drawn])
    ages = pl.Series("age", np.concatenate([one.days for one in drawn]))
    return pl.DataFrame(
        {"lift": lift, "age": ages, "estimated_1rm_kg": np.concatenate([one.estimates_kg for one in drawn])}
    ).select(
        "estimated_1rm_kg",
        user_id=pl.lit(b"u" * 16),
        exercise_id=pl.col("lift").cast(pl.String).str.zfill(16).cast(pl.Binary),
        day=pl.lit(AS_OF) + pl.duration(days="age"),
        deload=pl.lit(value=False),
        segment=pl.lit(0, dtype=pl.Int32),
    )


def _look(lift_days: pl.DataFrame, cell: Cell, as_of: date) -> pl.Series:
    """The kind of every lift on a day, in the order of the lifts; null where there is none."""
    deltas = pl.DataFrame({"user_id": [b"u" * 16], "delta": [cell.delta]})
    lifts = lift_days.select("exercise_id").unique().sort("exercise_id")
    kinds = look(lift_days, deltas, as_of).select("exercise_id", "kind")
    return lifts.join(kinds, on="exercise_id", how="left", maintain_order="left")["kind"]


def _share(kinds: pl.Series, *which: str) -> float:
    return float(kinds.is_in(which).fill_null(value=False).sum()) / kinds.len()


def _year(cell: Cell, series: int, place: int) -> Iterator[tuple[str, float]]:
    """The share of lifts of which a year of looks says something false at least once, by how the looks are made."""
    for words, slope, false in (
        ("a false trend", 0.0, (RISING, FALLING)),
        ("a false plateau", cell.delta, (PLATEAU,)),
    ):
        days = _drawn(cell, series, (place, 4, int(slope > 0)), WEEKS + YEAR + LOOKS_APART_WEEKS, slope_pct_week=slope)
        looks = [_look(days, cell, AS_OF - timedelta(weeks=back)) for back in range(YEAR + LOOKS_APART_WEEKS + 1)]
        wrong = np.array([kinds.is_in(false).fill_null(value=False).to_numpy() for kinds in looks])
        pairs = zip(looks[:-LOOKS_APART_WEEKS], looks[LOOKS_APART_WEEKS:], strict=True)
        same = np.array([(now == before).fill_null(value=False).to_numpy() for now, before in pairs])
        agreed = same & wrong[: len(same)]
        yield f"{words} in a year: single weekly looks", float(wrong[:YEAR].any(axis=0).mean())
        yield f"{words} in a year: weekly, two agree", float(agreed[:YEAR].any(axis=0).mean())
        yield f"{words} in a year: 4-weekly, two agree", float(agreed[:YEAR:LOOKS_APART_WEEKS].any(axis=0).mean())


def main(series: int) -> int:
    """Print the table; 1 where a limit is broken."""
    broken = 0
    for figures in (limited(series), told_without_limit(series)):
        for figure in figures:
            verdict = "" if figure.limit is None else f"{figure.limit!s:9}{'holds' if figure.holds else 'BROKEN'}"
            print(f"{figure.cell!s:34}{figure.name:58}{100 * figure.share:6.1f} %  {verdict}".rstrip(), flush=True)
            broken += not figure.holds
    return min(broken, 1)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else SERIES))
