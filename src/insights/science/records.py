"""Records by day: heaviest load, most reps at a weight or more, highest volume load, and what stood before each.

Frames here are sorted by `at`, the `codes.slot` of a track and a day: days of one track compare (see `tracks`).
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from insights.science import codes
from insights.science.runs import Runs

VOLUME_FROM_DAY = 5  # a volume record needs four earlier days

Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int64] | npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


def best_before(days: pl.DataFrame, value: str) -> pl.DataFrame:
    """For each row, `value` and day of the best of the track's earlier rows: the highest, and the first that had it.

    `days` has `at` and `value` (null where a row has none), sorted by `at`. Both are null where no earlier row has a
    value.
    """
    tracks = Runs.of(days.select_seq(codes.key_of(pl.col("at"))).to_series())
    first = np.repeat(tracks.starts, tracks.lengths)  # of each row's track
    place = np.arange(days.height)
    least = -np.inf if days.schema[value].is_float() else np.iinfo(np.int64).min
    values = days[value].fill_null(least).to_numpy()
    before = np.where(place > first, np.roll(_running_max(values, tracks), 1), least)
    leader = np.roll(np.maximum.accumulate(np.where(values > before, place, -1)), 1)
    has_leader = (place > first) & (leader >= first)
    found = days.select_seq(value, day=codes.day_of(pl.col("at")))[np.where(has_leader, leader, 0)]
    is_known = pl.lit(pl.Series(has_leader))
    return found.select_seq(pl.when(is_known).then(pl.all()))


def _running_max(values: Numbers, tracks: Runs) -> Numbers:
    """The highest value among each row and those before it in its track."""
    running = np.empty_like(values)
    for start, end in zip(tracks.starts.tolist(), tracks.ends.tolist(), strict=True):
        np.maximum.accumulate(values[start:end], out=running[start:end])
    return running


def reps_records(sets: pl.DataFrame, days: pl.Series | None = None) -> pl.DataFrame:
    """One row a track and day with a reps record: the set that made it, and what it beat. Of `days` (at), or of all.

    `sets` are the record-counted sets: at, reach (the weight by which they compare, Float64), reps; one row a reach of
    a day with its most reps, sorted by the first two. A set is a record if an earlier day has a set of the same track
    at its weight or more, and every such set has fewer reps. Of several on one day the heaviest is told.

    Returns at, reps_record_weight_kg, reps_record_reps, reps_record_previous_reps (the most reps of an earlier day at
    that weight or more) and reps_record_previous_day (the first day that had them).
    """
    track = codes.key_of(pl.col("at"))
    told = (
        sets.with_columns_seq(beaten=_beaten(sets), track=track)
        .filter((pl.col("beaten") > 0) & (pl.col("beaten") < pl.col("reps")))
        .unique("at", keep="last", maintain_order=True)  # the heaviest
    )
    if days is not None:
        told = told.filter(pl.col("at").is_in(days.implode()))
    since = (
        told.lazy()
        .join(sets.lazy().with_columns_seq(track=track), left_on=["track", "beaten"], right_on=["track", "reps"])
        .filter(pl.col("at_right") < pl.col("at"), pl.col("reach_right") >= pl.col("reach"))
        .group_by("at")
        .agg(first=pl.col("at_right").min())
        .collect(engine="in-memory")
    )
    return told.join(since, on="at", how="left").select_seq(
        "at",
        reps_record_weight_kg="reach",
        reps_record_reps="reps",
        reps_record_previous_reps="beaten",
        reps_record_previous_day=codes.day_of(pl.col("first")),
    )


def front(sets: pl.DataFrame) -> pl.DataFrame:
    """Those of `sets` (as in `reps_records`) that a later day may have to beat.

    A set is out if another of its track, at its weight or more, has more reps, or as many on an earlier day or at more
    weight on the same day: no later day can meet it first.
    """
    strongest = sets.with_columns_seq(track=codes.key_of(pl.col("at"))).sort(
        "track", "reps", "at", "reach", descending=[False, True, False, True]
    )
    heaviest = pl.col("reach").cum_max().shift(1).over("track")  # of sets with more reps, or as many and earlier
    return strongest.filter((pl.col("reach") > heaviest).fill_null(value=True)).sort("at", "reach").drop("track")


def _beaten(sets: pl.DataFrame) -> pl.Series:
    """For each of `sets`: the most reps, up to its own, of an earlier day at its weight or more; 0 where there is none.

    Level by level, from the most reps down: among the sets of at least k reps, a running maximum of the weight says
    whether an earlier day had one heavy enough. Most sets are met at their own level and are then left out, for who
    meets a later set with them meets it with the one that met them. Weights become ranks with the track in front, so
    that one integer maximum runs through all tracks.
    """
    weights = np.unique(sets["reach"].to_numpy())
    rank = np.searchsorted(weights, sets["reach"].to_numpy()) + 1
    base = sets.select_seq(codes.key_of(pl.col("at"))).to_series().to_numpy() * (len(weights) + 1)
    weight, day, reps = base + rank, sets["at"].to_numpy(), sets["reps"].cast(pl.Int64).to_numpy()
    beaten = np.zeros(sets.height, dtype=np.int64)
    unmet = np.empty(0, dtype=np.intp)
    for level, places in _by_value(reps):
        asked = np.sort(np.concatenate([unmet, places]))
        earlier = _heaviest_before(weight[asked], day[asked])
        reached = asked[(earlier >= weight[asked]) & (earlier > base[asked])]
        beaten[reached] = np.maximum(beaten[reached], level)
        unmet = asked[beaten[asked] < reps[asked]]
    return pl.Series("beaten", beaten, dtype=pl.Int64).cast(sets.schema["reps"])


def _by_value(values: Integers) -> Iterator[tuple[int, Places]]:
    """Each value and the places that have it, the highest value first."""
    order = np.argsort(values)
    for run in reversed(np.split(order, np.flatnonzero(np.diff(values[order])) + 1)):
        if len(run):
            yield int(values[run[0]]), run


def _heaviest_before(weight: Integers, day: Integers) -> Integers:
    """The running maximum of `weight` over all rows of earlier days; -1 at the first day. Rows are sorted by `day`."""
    running = np.concatenate([[-1], np.maximum.accumulate(weight)])
    is_new = np.diff(day, prepend=-1) != 0
    return running[np.maximum.accumulate(np.where(is_new, np.arange(len(day)), 0))]
