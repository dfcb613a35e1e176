"""Records by day: heaviest load, most reps at a weight or more, highest volume load, and what stood before each.

Frames here are sorted by `at`, the `codes.slot` of a track and a day: days of one track compare (see `tracks`).
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from insights.science import codes

VOLUME_FROM_DAY = 5  # a volume record needs four earlier days

Integers = npt.NDArray[np.int64]


def best_before(days: pl.DataFrame, value: str) -> pl.DataFrame:
    """For each row, `value` and day of the best of the track's earlier rows: the highest, and the first that had it.

    `days` has `at` and `value` (null where a row has none), sorted by `at`. Both are null where no earlier row has a
    value.
    """
    rank = days[value].rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    spread = int(rank.max(initial=0)) + 1
    base = days.select(codes.key_of(pl.col("at"))).to_series().to_numpy() * spread
    running = np.maximum.accumulate(base + rank)
    raised = np.flatnonzero(np.diff(running, prepend=-1))
    leader = raised[np.searchsorted(raised, np.arange(1, days.height)) - 1]  # of all rows before
    of_track = running[:-1] > base[1:]  # the leader is of this track, and has a value
    places = pl.Series([-1] * min(1, days.height), dtype=pl.Int64).append(pl.Series(np.where(of_track, leader, -1)))
    return days.select(value, day=codes.day_of(pl.col("at"))).select(pl.all().gather(places.set(places < 0, None)))


def reps_records(sets: pl.DataFrame) -> pl.DataFrame:
    """One row a track and day with a reps record: the set that made it, and what it beat.

    `sets` are the record-counted sets: at, reach (the weight by which they compare, Float64), reps; one row a reach of
    a day with its most reps, sorted by the first two. A set is a record if an earlier day has a set of the same track
    at its weight or more, and every such set has fewer reps. Of several on one day the heaviest is told.

    Returns at, reps_record_weight_kg, reps_record_reps, reps_record_previous_reps (the most reps of an earlier day at
    that weight or more) and reps_record_previous_day (the first day that had them).
    """
    track = codes.key_of(pl.col("at"))
    told = (
        sets.with_columns(beaten=_beaten(sets), track=track)
        .filter((pl.col("beaten") > 0) & (pl.col("beaten") < pl.col("reps")))
        .unique("at", keep="last", maintain_order=True)  # the heaviest
    )
    since = (
        told.lazy()
        .join(sets.lazy().with_columns(track=track), left_on=["track", "beaten"], right_on=["track", "reps"])
        .filter(pl.col("at_right") < pl.col("at"), pl.col("reach_right") >= pl.col("reach"))
        .group_by("at")
        .agg(first=pl.col("at_right").min())
        .collect()
    )
    return told.join(since, on="at", how="left").select(
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
    strongest = sets.with_columns(track=codes.key_of(pl.col("at"))).sort(
        "track", "reps", "at", "reach", descending=[False, True, False, True]
    )
    heaviest = pl.col("reach").cum_max().shift(1).over("track")  # of sets with more reps, or as many and earlier
    return strongest.filter((pl.col("reach") > heaviest).fill_null(value=True)).sort("at", "reach").drop("track")


def _beaten(sets: pl.DataFrame) -> pl.Series:
    """For each of `sets`: the most reps, up to its own, of an earlier day at its weight or more; 0 where there is none.

    Level by level: among the sets of at least k reps, a running maximum of the weight says whether an earlier day had
    one heavy enough. Weights become ranks with the track in front, so that one integer maximum runs through all tracks.
    """
    rank = sets["reach"].rank("dense").cast(pl.Int64).to_numpy()
    spread = int(rank.max(initial=0)) + 1
    base = sets.select(codes.key_of(pl.col("at"))).to_series().to_numpy() * spread
    weight, day, reps = base + rank, sets["at"].to_numpy(), sets["reps"].cast(pl.Int64).to_numpy()
    beaten = np.zeros(sets.height, dtype=np.int64)
    alive = np.arange(sets.height)
    for level in np.unique(reps).tolist():
        alive = alive[reps[alive] >= level]
        earlier = _heaviest_before(weight[alive], day[alive])
        reached = (earlier >= weight[alive]) & (earlier > base[alive])
        beaten[alive[reached]] = level
    return pl.Series("beaten", beaten, dtype=pl.Int64).cast(sets.schema["reps"])


def _heaviest_before(weight: Integers, day: Integers) -> Integers:
    """The running maximum of `weight` over all rows of earlier days; -1 at the first day. Rows are sorted by `day`."""
    running = np.concatenate([[-1], np.maximum.accumulate(weight)])
    return running[np.searchsorted(day, day, side="left")]
