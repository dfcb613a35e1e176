"""How regularly a user trains: trained weeks, sessions a week, deload weeks, and how monotonous or steep the load is.

A training day is a day with a daily row of volume_analytics. Weeks without training count as 0 from the week of the
user's first day on. Monotony and strain follow Foster (1998). The acute to chronic ratio is a description of the last
weeks; it foretells no injury (Impellizzeri 2020), and nothing here uses it so.
"""

from datetime import date, timedelta

import polars as pl

from insights.science import rounding
from insights.science.periods import Window, closed_weeks, first_day, last_days

CONSISTENCY_WEEKS = 8
DELOAD_SETS_PERCENT = 60  # hard sets of a deload week against the trained weeks before (convention)
DELOAD_DAYS_SHARE = 0.5
DELOAD_WEEKS_BEFORE, DELOAD_WEEKS_NEEDED = 4, 3
DELOAD_OLDEST_WEEKS = 26  # who comes back after half a year has no usual week to compare with (convention)
ACUTE_DAYS, CHRONIC_DAYS = 7, 28


def first_days(volumes: pl.DataFrame, starts: pl.DataFrame) -> pl.DataFrame:
    """user_id and first_day, the user's first training day: of `starts` (before the days that are kept), or here."""
    daily = volumes.filter(pl.col("period_type") == "daily").select_seq("user_id", first_day="calculation_date")
    known = pl.concat([starts.select_seq("user_id", "first_day"), daily])
    return known.group_by("user_id").agg(pl.col("first_day").min())


def training_days(volumes: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    """user_id, day: the days of training from `start` to `end`, both included."""
    daily = (pl.col("period_type") == "daily") & pl.col("calculation_date").is_between(start, end)
    return volumes.filter(daily).select_seq("user_id", day="calculation_date")


def consistency(volumes: pl.DataFrame, first_days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row a user with a training day: how the last eight closed weeks went, or those since the first.

    Columns: user_id, window_start (a Monday; null where no week is closed yet), weeks, trained_weeks, training_days,
    sessions_per_week (null where no week is closed yet).
    """
    window = closed_weeks(as_of, CONSISTENCY_WEEKS)
    start = pl.max_horizontal(first_day(pl.col("first_day"), "weekly"), pl.lit(window.start))
    weeks = ((pl.lit(window.end) - start).dt.total_days() + 1).clip(lower_bound=0) // 7
    trained = (
        training_days(volumes, window.start, window.end)
        .lazy()
        .group_by("user_id")
        .agg(trained_weeks=first_day(pl.col("day"), "weekly").n_unique(), training_days=pl.len())
    )
    return (
        first_days.lazy()
        .with_columns_seq(window_start=start, weeks=weeks)
        .join(trained, on="user_id", how="left")
        .with_columns_seq(pl.col("trained_weeks", "training_days").fill_null(0).cast(pl.Int64))
        .select_seq(
            "user_id",
            "weeks",
            "trained_weeks",
            "training_days",
            window_start=pl.when(pl.col("weeks") > 0).then("window_start"),
            sessions_per_week=pl.when(pl.col("weeks") > 0).then(pl.col("training_days") / pl.col("weeks")),
        )
        .sort("user_id")
        .collect(engine="in-memory")
    )


def deload_week(volumes: pl.DataFrame, lift_days: pl.DataFrame, week: Window) -> pl.DataFrame:
    """One row a user who trained in the week: is it a deload week, and against what.

    A deload week has at most 60 % of the mean hard sets of the last four trained weeks before it (at least three, not
    older than 26 weeks), or at least half of its lift-days are deload days. Columns: user_id; weeks (trained weeks
    before, 0-4), baseline_sets (their mean; null below three); lift_days, light_share (0-1; null without lift-days);
    deload (null where there are too few weeks
    to tell, and the days do not). Sorted by user.
    """
    weekly = volumes.filter(pl.col("period_type") == "weekly").lazy()
    oldest = week.start - timedelta(weeks=DELOAD_OLDEST_WEEKS)
    before = (
        weekly.filter(pl.col("calculation_date").is_between(oldest, week.start, closed="left"))
        .sort("user_id", "calculation_date")
        .group_by("user_id", maintain_order=True)
        .tail(DELOAD_WEEKS_BEFORE)
        .group_by("user_id")
        .agg(sets_before=pl.col("total_sets").cast(pl.Int64).sum(), weeks=pl.len().cast(pl.Int64))
    )
    days = lift_days.lazy().filter(pl.col("day").is_between(week.start, week.end))
    light = days.group_by("user_id").agg(lift_days=pl.len().cast(pl.Int64), light_share=pl.col("deload").mean())
    enough = pl.col("weeks") >= DELOAD_WEEKS_NEEDED
    # in whole numbers: 60 % of a mean is met exactly more often than doubles can tell
    few_sets = 100 * pl.col("total_sets") * pl.col("weeks") <= DELOAD_SETS_PERCENT * pl.col("sets_before")
    return (
        weekly.filter(pl.col("calculation_date") == week.start)
        .select_seq("user_id", pl.col("total_sets").cast(pl.Int64))
        .join(before, on="user_id", how="left")
        .join(light, on="user_id", how="left")
        .with_columns_seq(pl.col("weeks", "lift_days").fill_null(0))
        .select_seq(
            "user_id",
            "weeks",
            "lift_days",
            "light_share",
            baseline_sets=pl.when(enough).then(pl.col("sets_before") / pl.col("weeks")),
            deload=pl.when(pl.col("light_share") >= DELOAD_DAYS_SHARE).then(True).when(enough).then(few_sets),
        )
        .sort("user_id")
        .collect(engine="in-memory")
    )


def logged_load(volumes: pl.DataFrame) -> pl.DataFrame:
    """user_id, day, load: the logged volume of every training day, for `training_load`."""
    daily = volumes.filter(pl.col("period_type") == "daily")
    return daily.select_seq("user_id", day="calculation_date", load="total_volume_kg")


def training_load(daily_load: pl.DataFrame, first_days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row a user with a day of the last 28: monotony, strain and acwr as of a day; rest days are 0.

    `daily_load` has user_id, day and load, one row a day with training, `first_days` user_id and first_day. A load
    counts as it is stored, with two decimals, so that sums and squares are exact. Columns, sorted by user:

    - user_id; days_of_week, days_of_month: days with training among the last 7 and 28
    - monotony: mean / standard deviation (n - 1) of the seven days, null where that is 0
    - strain: the week's load x monotony; acwr: the week's load / a quarter of that of 28 days, null before 28 days of
      history and without load in them
    """
    acute, chronic = last_days(as_of, ACUTE_DAYS), last_days(as_of, CHRONIC_DAYS)
    hundredths = (rounding.stored("load", 2) * 100).round().cast(pl.Int64)
    in_month = pl.col("day").is_between(chronic.start, chronic.end)
    recent = daily_load.lazy().filter(in_month).with_columns_seq(load=hundredths)
    load, in_week = pl.col("load"), pl.col("day") >= acute.start
    sums = recent.group_by("user_id").agg(
        days_of_week=in_week.sum().cast(pl.Int64),
        days_of_month=pl.len().cast(pl.Int64),
        week=load.filter(in_week).sum(),
        month=load.sum(),
        squares=(load.cast(pl.Int128) * load).filter(in_week).sum(),
    )
    # 42 times the variance, in whole numbers: 7 times the squares less the square of the sum
    spread = (ACUTE_DAYS * pl.col("squares") - pl.col("week").cast(pl.Int128) * pl.col("week")).cast(pl.Float64)
    deviation = (spread / (ACUTE_DAYS * (ACUTE_DAYS - 1))).sqrt()
    monotony = pl.when(spread > 0).then(pl.col("week") / ACUTE_DAYS / deviation)
    old_enough = pl.col("first_day") <= chronic.start
    return (
        sums.join(first_days.lazy(), on="user_id")
        .with_columns_seq(
            monotony=monotony,
            acwr=pl.when(old_enough & (pl.col("month") > 0)).then(4 * pl.col("week") / pl.col("month")),
        )
        .select("user_id", "days_of_week", "days_of_month", "monotony", "acwr", strain=pl.col("week") / 100 * monotony)
        .sort("user_id")
        .collect(engine="in-memory")
    )
