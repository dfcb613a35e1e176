"""Suspected typos: weights about ten times, or a tenth, of what is usual for the lift at that time.

The rule: a set is suspect if weight / median lies in [8, 12.5] or [0.08, 0.125], where the median is taken over the
weights of the other sets of the same user and lift on days at most 60 days before or after, and there are at least 5.
Weights are as typed. Which sets are looked at, and enter the median, is one and the same population: weight above 0,
and none of the reasons of `reasons.EVERY_USE` before "typo" (so no warm-ups, and nothing beyond the limits). Suspects
stay in the medians of the others: the rule is applied once, not until it settles. A suspect whose weight someone has
confirmed counts like any other set.

Almost no set comes near a factor of 8, so two bounds leave few medians to take: the range of the lift's history, and
the medians of the days around the set.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import polars as pl

from insights.science import codes

WINDOW_DAYS = 60
LEAST_OTHERS = 5
HIGH = (8.0, 12.5)
LOW = (0.08, 0.125)

_FACTOR = 7.9  # a little under 8, so that the bounds lose nothing to rounding

Booleans = npt.NDArray[np.bool_]
Doubles = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Rolling = Callable[..., pl.Expr]


def suspects(sets: pl.DataFrame) -> pl.Series:
    """The places (UInt32) of the suspect sets among `sets`: user and lift (codes), day, weight.

    The weight is null where a set is not looked at.
    """
    key = pl.col("user").cast(pl.Int64) * (pl.col("lift").cast(pl.Int64).max() + 1) + pl.col("lift")
    population = (
        sets.lazy()
        .select("weight", at=codes.slot(key, pl.col("day")))
        .with_row_index("row")
        .filter(pl.col("weight").is_not_null())
        .collect()
    )
    wide = (
        population.lazy()
        .group_by(key=codes.key_of(pl.col("at")))
        .agg(low=pl.col("weight").min(), high=pl.col("weight").max())
        .filter(pl.col("high") >= _FACTOR * pl.col("low"))
        .select("key")
        .collect()
    )
    # sorted by weight within a day: the day's range and its middle weights are then at known places
    near = population.filter(codes.key_of(pl.col("at")).is_in(wide["key"].implode())).sort("at", "weight")
    at, weight = near["at"].to_numpy(), near["weight"].to_numpy()
    found = _judge_candidates(at, weight, np.flatnonzero(_is_far_off(at, weight)))
    return near["row"].gather(found)


def unsettled(lift_days: pl.DataFrame, changed: pl.DataFrame) -> pl.DataFrame:
    """The days on which a change may turn a verdict: user_id, exercise_id, first_day, last_day (the same day).

    Args:
        lift_days: facts as stored and as the changed days alone have made them, one beside the other (the columns of
            frames.LiftDays). Of the lifts that changed, all days within 120 days of the change.
        changed: user_id, exercise_id, day, where sets were added, changed or taken away.

    The facts of the days that come back must be made anew, from the user's sets of these days and from the lift's of 60
    more both ways. Mostly none does: where all weights of a lift within 120 days lie within a factor of 8, none of them
    can be a typo. Else it is the days that `_is_far_off` keeps, before the change or after it.
    """
    lift, typed = ["user_id", "exercise_id"], ["typed_low_kg", "typed_high_kg", "typed_lower_kg", "typed_upper_kg"]
    reach, window = pl.duration(days=2 * WINDOW_DAYS), pl.duration(days=WINDOW_DAYS)
    near = (
        changed.select(*lift, changed="day")
        .unique()
        .join(lift_days.select(*lift, "day", *typed).drop_nulls(), on=lift)
        .filter(pl.col("day").is_between(pl.col("changed") - reach, pl.col("changed") + reach))
    )
    ranges = near.group_by(lift).agg(pl.col("typed_low_kg").min(), pl.col("typed_high_kg").max())
    wide = ranges.filter(pl.col("typed_high_kg") >= _FACTOR * pl.col("typed_low_kg")).select(lift).sort(lift)
    of_lift = near.join(wide.with_columns(lift=pl.int_range(pl.len(), dtype=pl.Int64)), on=lift)
    at = codes.slot(pl.col("lift"), pl.col("day"))
    days = (
        of_lift.with_columns(reached=pl.col("day").is_between(pl.col("changed") - window, pl.col("changed") + window))
        .group_by(*lift, "day", at=at)
        .agg(
            pl.col("reached").any(),
            low=pl.col("typed_low_kg").min(),
            high=pl.col("typed_high_kg").max(),
            lower=pl.col("typed_lower_kg").min(),
            upper=pl.col("typed_upper_kg").max(),
        )
        .sort("at")
    )
    low, high = _bounds(days)
    far_off = (days["high"].to_numpy() >= _FACTOR * low) | (days["low"].to_numpy() * _FACTOR <= high)
    found = days.filter(pl.Series(far_off, dtype=pl.Boolean) & days["reached"])
    return found.select(*lift, first_day="day", last_day="day")


def _is_far_off(at: Integers, weight: Doubles) -> Booleans:
    """Whether a set may be a factor of 8 away from the median of the others within the window.

    The median of several days' weights lies between the lowest and the highest of their medians, so one slip of the
    finger in the window does not bring all other sets under suspicion. The set's own day is taken by its range.
    """
    day, start, count = np.unique(at, return_index=True, return_counts=True)
    end = start + count - 1
    middles = {"lower": weight[(start + end) // 2], "upper": weight[(start + end + 1) // 2]}
    low, high = _bounds(pl.DataFrame({"at": day, "low": weight[start], "high": weight[end], **middles}))
    return (weight >= _FACTOR * np.repeat(low, count)) | (weight * _FACTOR <= np.repeat(high, count))


def _bounds(days: pl.DataFrame) -> tuple[Doubles, Doubles]:
    """Between what the median of others can lie on each day.

    `days` are sorted by at, with low and high, the range of the day's weights, and lower and upper, their middle two.
    """
    low = np.fmin(days["low"].to_numpy(), _around(days, "lower", pl.Expr.rolling_min_by))
    high = np.fmax(days["high"].to_numpy(), _around(days, "upper", pl.Expr.rolling_max_by))
    return low, high


def _around(days: pl.DataFrame, column: str, rolling: Rolling) -> Doubles:
    """The extreme of a column over the days of the window before and after each day; NaN where there are none."""
    window = f"{WINDOW_DAYS}i"
    extremes = [
        ordered.select(rolling(pl.col(column), "place", window, closed="left"))
        for ordered in (days.with_columns(place="at"), days.reverse().with_columns(place=-pl.col("at")))
    ]
    before, after = extremes[0].to_series().to_numpy(), extremes[1].to_series().reverse().to_numpy()
    nearest: Doubles = np.fmin(before, after) if rolling is pl.Expr.rolling_min_by else np.fmax(before, after)
    return nearest


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
