"""How regularly a user trains: trained weeks, sessions a week, deload weeks, and how monotonous or steep the load is.

A training day is a day with a daily row of volume_analytics. Weeks without training count as 0 from the week of the
user's first day on. Monotony and strain follow Foster (1998). The acute to chronic ratio is a description of the last
weeks; it foretells no injury (Impellizzeri 2020), and nothing here uses it so.
"""

from datetime import date, timedelta

import polars as pl

from insights.science.periods import closed_weeks, first_day, last_days

CONSISTENCY_WEEKS = 8
DELOAD_SETS_PERCENT = 60  # hard sets of a deload week against the trained weeks before (convention)
DELOAD_DAYS_SHARE = 0.5
DELOAD_WEEKS_BEFORE, DELOAD_WEEKS_NEEDED = 4, 3
ACUTE_DAYS, CHRONIC_DAYS = 7, 28


def first_weeks(volumes: pl.DataFrame) -> pl.DataFrame:
    """user_id and first_week, the Monday of the week with the user's first training day."""
    weekly = volumes.filter(pl.col("period_type") == "weekly")
    return weekly.group_by("user_id").agg(first_week=pl.col("calculation_date").min())


def training_days(volumes: pl.DataFrame, start: date, end: date) -> pl.DataFrame:
    """user_id, day: the days of training from `start` to `end`, both included."""
    daily = (pl.col("period_type") == "daily") & pl.col("calculation_date").is_between(start, end)
    return volumes.filter(daily).select("user_id", day="calculation_date")


def consistency(volumes: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row a user with a training day: how the last eight closed weeks went, or those since the first.

    Columns: user_id, window_start (a Monday; null where no week is closed yet), weeks, trained_weeks, training_days,
    sessions_per_week (null where no week is closed yet).
    """
    window = closed_weeks(as_of, CONSISTENCY_WEEKS)
    start = pl.max_horizontal(pl.col("first_week"), pl.lit(window.start))
    weeks = ((pl.lit(window.end) - start).dt.total_days() + 1).clip(lower_bound=0) // 7
    trained = (
        training_days(volumes, window.start, window.end)
        .group_by("user_id")
        .agg(trained_weeks=first_day(pl.col("day"), "weekly").n_unique(), training_days=pl.len())
    )
    return (
        first_weeks(volumes.filter(pl.col("calculation_date") <= as_of))
        .with_columns(window_start=start, weeks=weeks)
        .join(trained, on="user_id", how="left")
        .with_columns(pl.col("trained_weeks", "training_days").fill_null(0).cast(pl.Int64))
        .select(
            "user_id",
            "weeks",
            "trained_weeks",
            "training_days",
            window_start=pl.when(pl.col("weeks") > 0).then("window_start"),
            sessions_per_week=pl.when(pl.col("weeks") > 0).then(pl.col("training_days") / pl.col("weeks")),
        )
        .sort("user_id")
    )


def deload_weeks(volumes: pl.DataFrame, lift_days: pl.DataFrame) -> pl.DataFrame:
    """One row a trained week: user_id, week (its Monday), deload.

    A deload week has at most 60 % of the mean hard sets of the last four trained weeks before it (at least three), or
    at least half of its lift-days are deload days.
    """
    weekly = volumes.filter(pl.col("period_type") == "weekly").sort("user_id", "calculation_date")
    before = pl.col("total_sets").cast(pl.Int64).shift(1)
    weeks_before = before.is_not_null().cast(pl.Int64)
    light_days = lift_days.group_by("user_id", week=first_day(pl.col("day"), "weekly")).agg(
        light_days=pl.col("deload").mean()
    )
    # in whole numbers: 60 % of a mean is met exactly more often than doubles can tell
    few_sets = 100 * pl.col("total_sets") * pl.col("weeks") <= DELOAD_SETS_PERCENT * pl.col("sets_before")
    few_sets = few_sets & (pl.col("weeks") >= DELOAD_WEEKS_NEEDED)
    return (
        weekly.select(
            "user_id",
            pl.col("total_sets").cast(pl.Int64),
            week="calculation_date",
            sets_before=before.rolling_sum(DELOAD_WEEKS_BEFORE, min_samples=1).over("user_id"),
            weeks=weeks_before.rolling_sum(DELOAD_WEEKS_BEFORE, min_samples=1).over("user_id"),
        )
        .join(light_days, on=["user_id", "week"], how="left", maintain_order="left")
        .with_columns(deload=few_sets.fill_null(False) | (pl.col("light_days") >= DELOAD_DAYS_SHARE).fill_null(False))
        .select("user_id", "week", "deload")
    )


def logged_load(volumes: pl.DataFrame) -> pl.DataFrame:
    """user_id, day, load: the logged volume of every training day, for `training_load`."""
    daily = volumes.filter(pl.col("period_type") == "daily")
    return daily.select("user_id", day="calculation_date", load="total_volume_kg")


def training_load(daily_load: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """One row a user: monotony, strain and acwr over the days up to `as_of`; rest days are 0.

    `daily_load` has user_id, day and load, one row a day with training: logged volume, or session RPE x minutes where
    every session has one. monotony = mean / standard deviation (n - 1) of seven days, null where that is 0; strain =
    the week's load x monotony; acwr = seven-day sum / a quarter of the 28-day sum, null before 28 days of history.
    """
    acute, chronic = last_days(as_of, ACUTE_DAYS), last_days(as_of, CHRONIC_DAYS)
    load, day = pl.col("load"), pl.col("day")
    in_week = load.filter(day >= acute.start)
    week, squares = in_week.sum(), in_week.pow(2).sum()
    sums = (
        daily_load.filter(day <= as_of)
        .sort("user_id", "day")
        .group_by("user_id", maintain_order=True)
        .agg(
            first=day.min(),
            week=week,
            month=load.filter(day >= chronic.start).sum(),
            variance=(squares - week.pow(2) / ACUTE_DAYS) / (ACUTE_DAYS - 1),
            even=(in_week.len() == ACUTE_DAYS) & (in_week.min() == in_week.max()) | (week == 0),
        )
    )
    monotony = pl.when(~pl.col("even")).then(pl.col("week") / ACUTE_DAYS / pl.col("variance").sqrt())
    old_enough = pl.col("first") <= as_of - timedelta(days=CHRONIC_DAYS - 1)
    acwr = pl.when(old_enough & (pl.col("month") > 0)).then(pl.col("week") / (pl.col("month") / 4))
    return sums.with_columns(monotony=monotony, acwr=acwr).select(
        "user_id", "monotony", "acwr", strain=pl.col("week") * pl.col("monotony")
    )
