"""Records by day: heaviest load, most reps at a weight or more, highest volume load, and what stood before each.

Frames here are sorted by track and day. A track is a lift of a user with a comparable load: the days on which body
weight is part of the load and those on which it is not known are two tracks, each with its own baseline.
"""

import numpy as np
import numpy.typing as npt
import polars as pl

VOLUME_FROM_DAY = 5  # a volume record needs four earlier days

Integers = npt.NDArray[np.int64]


def best_before(days: pl.DataFrame, value: str, *, name: str) -> pl.DataFrame:
    """The highest `value` of all earlier days of the track, as previous_{name}_kg and previous_{name}_day.

    `days` has track and day, sorted, one row each. The day is the first that had that value. Null where no earlier day
    has a value.
    """
    best = pl.col(value).cum_max().forward_fill().shift(1).over("track")
    before = days.select("track", "day", value, previous=best)
    raised = pl.col(value).is_not_null() & (pl.col("previous").is_null() | (pl.col(value) > pl.col("previous")))
    since = pl.when(raised).then("day").forward_fill().shift(1).over("track")
    columns = before.select(pl.col("previous").alias(f"previous_{name}_kg"), since.alias(f"previous_{name}_day"))
    return pl.concat([days, columns], how="horizontal")


def reps_records(sets: pl.DataFrame) -> pl.DataFrame:
    """One row a track and day with a reps record: the set that made it, and what it beat.

    `sets` are the record-counted sets: track (UInt32), day, reach (the weight by which they compare, Float64), reps.
    A set is a record if an earlier day has a set of the same track at its weight or more, and every such set has fewer
    reps. Of several on one day the heaviest is told, at its most reps.

    Returns track, day, reps_record_weight_kg, reps_record_reps, reps_record_previous_reps (the most reps of an earlier
    day at that weight or more) and reps_record_previous_day (the first day that had them).
    """
    best = sets.group_by("track", "day", "reach").agg(pl.col("reps").max()).sort("track", "day", "reach")
    told = (
        best.with_columns(beaten=_beaten(best))
        .filter((pl.col("beaten") > 0) & (pl.col("beaten") < pl.col("reps")))
        .group_by("track", "day", maintain_order=True)
        .last()  # the heaviest
    )
    earlier = best.select("track", beaten="reps", earlier_day="day", earlier_reach="reach")
    since = (
        told.join(earlier, on=["track", "beaten"])
        .filter((pl.col("earlier_day") < pl.col("day")) & (pl.col("earlier_reach") >= pl.col("reach")))
        .group_by("track", "day")
        .agg(reps_record_previous_day=pl.col("earlier_day").min())
    )
    return told.join(since, on=["track", "day"], how="left").select(
        "track",
        "day",
        reps_record_weight_kg="reach",
        reps_record_reps="reps",
        reps_record_previous_reps="beaten",
        reps_record_previous_day="reps_record_previous_day",
    )


def _beaten(best: pl.DataFrame) -> pl.Series:
    """For each row (track, day, reach, reps; sorted by track, day): the most reps, up to its own, of an earlier day at
    its weight or more; 0 where there is none.

    Level by level: among the sets of at least k reps, a running maximum of the weight says whether an earlier day had
    one heavy enough. Weights become ranks with the track in front, so that one integer maximum runs through all tracks.
    """
    rank = best["reach"].rank("dense").cast(pl.Int64)
    spread = int(rank.max() or 0) + 1  # type: ignore[arg-type]
    weight = (best["track"].cast(pl.Int64) * spread + rank).to_numpy()
    base = (best["track"].cast(pl.Int64) * spread).to_numpy()
    day = best.select(pl.struct("track", "day").rle_id().cast(pl.Int64)).to_series().to_numpy()  # rises with the rows
    reps = best["reps"].cast(pl.Int64).to_numpy()
    beaten = np.zeros(best.height, dtype=np.int64)
    alive = np.arange(best.height)
    for level in np.unique(reps).tolist():
        alive = alive[reps[alive] >= level]
        earlier = _heaviest_before(weight[alive], day[alive])
        reached = (earlier >= weight[alive]) & (earlier > base[alive])
        beaten[alive[reached]] = level
    return pl.Series("beaten", beaten, dtype=pl.Int64).cast(best.schema["reps"])


def _heaviest_before(weight: Integers, day: Integers) -> Integers:
    """The running maximum of `weight` over all rows of earlier days; -1 at the first day. Rows are sorted by `day`."""
    running = np.concatenate([[-1], np.maximum.accumulate(weight)])
    return running[np.searchsorted(day, day, side="left")]
