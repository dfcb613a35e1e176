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


def suspects(sets: pl.DataFrame, beside: pl.DataFrame | None = None) -> pl.Series:
    """The places (UInt32) of the suspect sets among `sets`: user and lift (codes), day, weight.

    The weight is null where a set is not looked at. `beside` (user, lift, day, weights: ascending) tells of other days
    whose weights count for the medians; where it tells of a day, the sets of that day are not looked at themselves.
    """
    named = [sets["lift"]] if beside is None else [sets["lift"], beside["lift"]]
    lifts = 1 + max(int(lifts.to_numpy().max(initial=0)) for lifts in named)
    at = codes.slot(pl.col("user").cast(pl.Int64) * lifts + pl.col("lift"), pl.col("day"))
    asked = (
        sets.lazy()
        .select_seq("weight", at=at)
        .with_row_index("row")
        .filter(pl.col("weight").is_not_null())
        .collect(engine="in-memory")
    )
    told = None
    if beside is not None:
        told = beside.filter(pl.col("weights").list.len() > 0).select_seq("weights", at=at)
        asked = asked.filter(~pl.col("at").is_in(told["at"].implode()))
    key = codes.key_of(pl.col("at"))
    ranges = asked.lazy().select_seq(key.alias("key"), low="weight", high="weight")
    if told is not None:
        ranges = pl.concat([ranges, told.lazy().select_seq(key.alias("key"), *_range("weights"))])
    wide = _wide(ranges).collect(engine="in-memory")
    of_wide = key.is_in(wide["key"].implode())
    near = asked.filter(of_wide)
    if told is not None:
        others = told.filter(of_wide).explode("weights")
        near = pl.concat([near, others.select_seq(pl.lit(None, pl.UInt32).alias("row"), weight="weights", at="at")])
    near = near.sort("at", "weight")
    return near["row"].gather(_suspects(near)).drop_nulls()


def turned(rest: pl.DataFrame, was: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """The days of a user on which a change turns the verdict of another day's set: user_id, day.

    All are lift-days, of which user_id, exercise_id, day and typed_kg (as in frames.LiftDays) are read.

    Args:
        rest: those that the change leaves as they were; all within 120 days of it must be there.
        was: those that were changed or taken away, as they were.
        now: those that were changed or added, as they are.
    """
    lift = ["user_id", "exercise_id"]
    changed = pl.concat([was.select_seq(*lift, "day"), now.select_seq(*lift, "day")]).unique()
    if changed.is_empty():
        return changed.select_seq("user_id", "day")
    lifts = changed.select_seq(lift).unique().sort(lift).with_columns_seq(key=pl.int_range(pl.len(), dtype=pl.Int64))
    first, last = (pl.lit(day, dtype=pl.Date) for day in (changed["day"].min(), changed["day"].max()))
    reach = pl.duration(days=2 * WINDOW_DAYS)
    tables = [
        days.lazy()
        .select_seq(*lift, "day", *_range("typed_kg"), place=pl.int_range(pl.len()))
        .filter(pl.col("day").is_between(first - reach, last + reach), pl.col("low").is_not_null())
        .join(lifts.lazy(), on=lift)
        .select_seq("key", "low", "high", "place", at=codes.slot(pl.col("key"), pl.col("day")))
        .collect(engine="in-memory")
        for days in (rest, was, now)
    ]
    wide = _wide(pl.concat(tables).lazy()).collect(engine="in-memory")["key"]
    if wide.is_empty():
        return changed.select_seq("user_id", "day").clear()
    # mostly few lifts are: only of these all weights are looked at
    stays, before, after = (
        _weights(days, of_days.filter(pl.col("key").is_in(wide.implode())))
        for days, of_days in zip((rest, was, now), tables, strict=True)
    )
    found = [_of_days(pl.concat([stays, days])) for days in (before, after)]
    other = pl.concat([found[0].join(found[1], on=["at", "weight"], how="anti"),
                       found[1].join(found[0], on=["at", "weight"], how="anti")])  # fmt: skip
    days = other.select_seq(key=codes.key_of(pl.col("at")), day=codes.day_of(pl.col("at"))).join(lifts, on="key")
    return (
        days.join(changed, on=[*lift, "day"], how="anti").select_seq("user_id", "day").unique().sort("user_id", "day")
    )


def _weights(days: pl.DataFrame, some: pl.DataFrame) -> pl.DataFrame:
    """at and weights of some of the days, told by their place."""
    return pl.DataFrame([some["at"], days["typed_kg"].gather(some["place"]).alias("weights")])


def _of_days(days: pl.DataFrame) -> pl.DataFrame:
    """at and weight of the suspect sets among those of some days (at, weights)."""
    sets = days.select_seq("at", weight="weights").explode("weight").sort("at", "weight")
    return sets[_suspects(sets)].unique()


def _range(weights: str) -> tuple[pl.Expr, pl.Expr]:
    """low and high of a column of ascending weights."""
    return pl.col(weights).list.first().alias("low"), pl.col(weights).list.last().alias("high")


def _wide(ranges: pl.LazyFrame) -> pl.LazyFrame:
    """The keys whose weights are not all within a factor of 8: none of the others can be a typo."""
    spread = ranges.group_by("key").agg(pl.col("low").min(), pl.col("high").max())
    return spread.filter(pl.col("high") >= _FACTOR * pl.col("low")).select_seq("key")


def _suspects(sets: pl.DataFrame) -> list[int]:
    """The places of the suspect among `sets`: at, weight; sorted by both."""
    # sorted by weight within a day: the day's range and its middle weights are then at known places
    at, weight = sets["at"].to_numpy(), sets["weight"].to_numpy()
    return _judge_candidates(at, weight, np.flatnonzero(_is_far_off(at, weight)))


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
        ordered.select_seq(rolling(pl.col(column), "place", window, closed="left"))
        for ordered in (days.with_columns_seq(place="at"), days.reverse().with_columns_seq(place=-pl.col("at")))
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
