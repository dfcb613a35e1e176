"""Suspected typos: weights about ten times, or a tenth, of what is usual for the lift at that time.

The rule: a set is suspect if weight / median lies in [8, 12.5] or [0.08, 0.125], where the median is taken over the
weights of the other sets of the same user and lift on days at most 60 days before or after, and there are at least 5.
Weights are as typed. Which sets are looked at, and enter the median, is one and the same population: weight above 0,
and none of the reasons of `reasons.EVERY_USE` before "typo" (so no warm-ups, and nothing beyond the limits). Suspects
stay in the medians of the others: the rule is applied once, not until it settles.

Almost no set comes near a factor of 8, so three bounds leave few medians to take: over the lift's history, over the 120
days around the set, and then the median itself, for each lift and day once.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

WINDOW_DAYS = 60
LEAST_OTHERS = 5
HIGH = (8.0, 12.5)
LOW = (0.08, 0.125)

_FACTOR = 7.9  # a little under 8, so that the bounds lose nothing to rounding
_LIFT = 10_000_000  # more days than the calendar has: keeps the windows of two lifts apart

Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def suspects(population: pl.DataFrame) -> pl.Series:
    """The `row` values (UInt32) of the suspect sets of a population: row, user_id, exercise_id, day, weight."""
    lift = ["user_id", "exercise_id"]
    wide = (
        population.group_by(lift)
        .agg(low=pl.col("weight").min(), high=pl.col("weight").max())
        .filter(pl.col("high") >= _FACTOR * pl.col("low"))
        .select(lift)
        .with_row_index("lift")
    )
    near = (
        population.join(wide, on=lift)
        .select("row", "weight", at=pl.col("lift").cast(pl.Int64) * _LIFT + pl.col("day").to_physical().cast(pl.Int64))
        .sort("at", "row")
    )
    near = near.with_columns(candidate=_is_far_off(near))
    at, weight = near["at"].to_numpy(), near["weight"].to_numpy()
    found = _judge_candidates(at, weight, np.flatnonzero(near["candidate"].to_numpy()))
    return near["row"].gather(found)


def _is_far_off(near: pl.DataFrame) -> pl.Series:
    """Whether any set within the window is a factor of 8 away. `near` is sorted by `at`."""
    window = f"{WINDOW_DAYS}i"
    before = near.select(
        low=pl.col("weight").rolling_min_by("at", window, closed="both"),
        high=pl.col("weight").rolling_max_by("at", window, closed="both"),
    )
    after = (
        near.reverse()
        .with_columns(back=-pl.col("at"))
        .select(
            low_after=pl.col("weight").rolling_min_by("back", window, closed="both"),
            high_after=pl.col("weight").rolling_max_by("back", window, closed="both"),
        )
        .reverse()
    )
    low, high = pl.min_horizontal("low", "low_after"), pl.max_horizontal("high", "high_after")
    far = (near["weight"] >= _FACTOR * low) | (near["weight"] * _FACTOR <= high)
    return pl.concat([before, after], how="horizontal").select(far=far).to_series()


def _judge_candidates(at: Integers, weight: Doubles, candidates: Integers) -> list[int]:
    """The positions among `candidates` that are typos. One sort for each lift and day with a candidate."""
    starts = np.searchsorted(at, at[candidates] - WINDOW_DAYS, side="left").tolist()
    ends = np.searchsorted(at, at[candidates] + WINDOW_DAYS, side="right").tolist()
    found: list[int] = []
    last: tuple[int, int] | None = None
    window = weight[:0]
    for position, start, end in zip(candidates.tolist(), starts, ends, strict=True):
        if (start, end) != last:
            window, last = np.sort(weight[start:end]), (start, end)
        if len(window) > LEAST_OTHERS and _is_typo(float(weight[position]), window):
            found.append(position)
    return found


def _is_typo(weight: float, window: Doubles) -> bool:
    """Whether a weight is about ten times or a tenth of the median of the others; `window` is sorted and holds it."""
    own = int(np.searchsorted(window, weight))
    others = len(window) - 1
    upper = others // 2
    lower = upper if others % 2 else upper - 1
    middle = [float(window[k + (k >= own)]) for k in (lower, upper)]
    ratio = weight / ((middle[0] + middle[1]) / 2)
    return HIGH[0] <= ratio <= HIGH[1] or LOW[0] <= ratio <= LOW[1]
