"""Data points on the load of the last closed week: was it a deload week, how monotonous was it, how steep is the rise.

The formulas speak of the days up to a day. Here that day is the last Sunday: claims use closed periods, and a night
that finds nothing new makes the same points.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from insights.science.consistency import deload_week, logged_load, training_load
from insights.science.periods import Window
from insights.science.points import points

DELOAD, REGULAR = "deload", "regular"


def deload_points(
    known: pl.DataFrame, volumes: pl.DataFrame, lift_days: pl.DataFrame, spans: Mapping[str, Window]
) -> Iterator[pl.DataFrame]:
    """For users who trained in the last closed week: deload or regular, where it can be told, and against what."""
    week = spans["week"]
    trained = pl.col("week_trust").is_not_null() & (pl.col("week_days") > 0)
    frame = deload_week(volumes, lift_days, week).join(known.filter(trained), on="user_id")
    kind = pl.when("deload").then(pl.lit(DELOAD)).when(~pl.col("deload")).then(pl.lit(REGULAR))
    baseline, light = {"deload_baseline_hard_sets": "baseline_sets"}, 100 * pl.col("light_share")
    trust = "week_trust"
    yield points(frame, "deload/1", window=week, texts={"deload_week": kind}, n="week_days", confidence_score=trust)
    yield points(frame, "deload/1", window=week, numbers=baseline, n="weeks", confidence_score=trust)
    yield points(
        frame, "deload/1", window=week, numbers={"deload_days_share_pct": light}, n="lift_days", confidence_score=trust
    )


def load_points(
    known: pl.DataFrame, volumes: pl.DataFrame, first_days: pl.DataFrame, spans: Mapping[str, Window]
) -> Iterator[pl.DataFrame]:
    """Monotony and strain of the last closed week, and its load against that of the four weeks that it ends.

    The ratio is a description of the past and foretells no injury (Impellizzeri 2020): nothing here reads more from it.
    """
    week, weeks = spans["week"], spans["load"]
    loads = training_load(logged_load(volumes), first_days, week.end).join(known, on="user_id")
    foster = {"weekly_monotony": pl.col("monotony"), "weekly_strain_kg": pl.col("strain")}
    ratio = {"acute_chronic_ratio": pl.col("acwr")}
    of_week, of_weeks = "week_trust", "load_trust"
    yield points(
        loads.filter(pl.col(of_week).is_not_null()),
        "foster_1998/1", window=week, numbers=foster, n="days_of_week", confidence_score=of_week,
    )  # fmt: skip
    yield points(
        loads.filter(pl.col(of_weeks).is_not_null()),
        "acute_chronic/1", window=weeks, numbers=ratio, n="days_of_month", confidence_score=of_weeks,
    )  # fmt: skip
