"""Data points on the load of the last closed week: was it a deload week, how monotonous was it, how steep is the rise.

The formulas speak of the days up to a day. Here that day is the last Sunday: claims use closed periods, and a night
that finds nothing new makes the same points.
"""

from datetime import date

import polars as pl

from insights.science.consistency import deload_week, logged_load, training_days, training_load
from insights.science.periods import closed_weeks
from insights.science.points import points, within
from insights.science.training_points import during, trust

DELOAD, REGULAR = "deload", "regular"


def deload_points(volumes: pl.DataFrame, lift_days: pl.DataFrame, facts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """For users who trained in the last closed week: deload or regular, where it can be told, and against what."""
    week = closed_weeks(as_of, 1)
    days = training_days(volumes, week.start, week.end).group_by("user_id").agg(n=pl.len())
    frame = (
        within(deload_week(volumes, lift_days, week), week)
        .with_columns(kind=pl.when("deload").then(pl.lit(DELOAD)).when(~pl.col("deload")).then(pl.lit(REGULAR)))
        .join(days, on="user_id")
        .join(trust(during(facts, week), "user_id"), on="user_id")
    )
    baseline, light = pl.col("baseline_sets"), 100 * pl.col("light_share")
    return pl.concat(
        [
            points(frame, "deload/1", texts={"deload_week": pl.col("kind")}),
            points(frame.with_columns(n="weeks"), "deload/1", numbers={"deload_baseline_hard_sets": baseline}),
            points(frame.with_columns(n="lift_days"), "deload/1", numbers={"deload_days_share_pct": light}),
        ]
    )


def load_points(volumes: pl.DataFrame, first_days: pl.DataFrame, facts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Monotony and strain of the last closed week, and its load against that of the four weeks that it ends.

    The ratio is a description of the past and foretells no injury (Impellizzeri 2020): nothing here reads more from it.
    """
    week, weeks = closed_weeks(as_of, 1), closed_weeks(as_of, 4)
    loads = training_load(logged_load(volumes), first_days, week.end)
    of_week = within(loads, week).join(trust(during(facts, week), "user_id"), on="user_id")
    of_weeks = within(loads, weeks).join(trust(during(facts, weeks), "user_id"), on="user_id")
    foster = {"weekly_monotony": pl.col("monotony"), "weekly_strain_kg": pl.col("strain")}
    ratio = {"acute_chronic_ratio": pl.col("acwr")}
    return pl.concat(
        [
            points(of_week.with_columns(n="days_of_week"), "foster_1998/1", numbers=foster),
            points(of_weeks.with_columns(n="days_of_month"), "acute_chronic/1", numbers=ratio),
        ]
    )
