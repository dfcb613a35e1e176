"""Volume by day, ISO week and month of the user's own calendar: rows of volume_analytics.

Every sum is exact (see `sums`), so weeks and months are sums of days and never averages of averages, and the rows are
the same whatever the order of the sets. All of it rests on the facts of lift-days and user-days.
"""

import dataframely as dy
import polars as pl

from insights import ids
from insights.frames import Movements, Muscles, UserDays, Volumes, validated
from insights.science import attribution, volume_json
from insights.science.calendar import Calendar, calendar
from insights.science.facts import worked
from insights.science.runs import Runs
from insights.science.sums import from_micrograms, from_units, to_units

ASKED = ("user_id", "exercise_id", "day", "hard_sets", "reps", "volume_ug", "known_1rm_kg")  # of `strength.known_days`
_MICROSECONDS_PER_HOUR = 3_600_000_000


def volumes(
    lift_days: pl.DataFrame,
    user_days: dy.DataFrame[UserDays],
    muscles: dy.DataFrame[Muscles],
    movements: dy.DataFrame[Movements],
    since: pl.DataFrame | None = None,
) -> dy.DataFrame[Volumes]:
    """One row a user, period type and period with a set counted for tonnage or as a hard set.

    `lift_days` comes from `strength.known_days`: the work of each lift and day, and the 1RM known on it. Numbers are
    unrounded but inside the two JSON columns (2 decimals, half away from zero). Rows are sorted by user, period type
    and date. With `since` (user_id, day; one row a user) only those of periods that hold this day or a later one.
    """
    lifts = lift_work(lift_days)
    periods = calendar(lifts, since)
    rows = _rows(lifts, user_days, periods).with_columns_seq(
        volume_json.by_muscle(lifts, periods, attribution.muscle_credits(muscles)).alias("volume_by_muscle_group"),
        volume_json.by_movement(lifts, periods, attribution.pattern_shares(movements)).alias("volume_by_movement"),
    )
    return validated(Volumes, rows.select_seq(Volumes.column_names()))


def totals(lift_days: pl.DataFrame, user_days: dy.DataFrame[UserDays]) -> pl.DataFrame:
    """The rows of `volumes` without the two JSON columns, at a fraction of the cost."""
    lifts = lift_work(lift_days)
    return _rows(lifts, user_days, calendar(lifts))


def lift_work(lift_days: pl.DataFrame) -> pl.DataFrame:
    """The days of a lift (of `frames.LiftDays`) with a set that counts for tonnage or as hard.

    Adds up: hard_sets, reps, volume_ug are Int64 and not null.
    """
    return lift_days.filter(worked()).with_columns(pl.col("hard_sets", "reps", "volume_ug").fill_null(0).cast(pl.Int64))


def by_lift(lift_days: pl.DataFrame) -> pl.DataFrame:
    """The sums of `lift_work` by user and lift: user_id, exercise_id, hard_sets, volume_ug. Sorted as `lift_days`."""
    work = lift_work(lift_days)
    lifts = Runs.of_rows(work, "user_id", "exercise_id")
    keys = (lifts.first(work[name]) for name in ("user_id", "exercise_id"))
    return pl.DataFrame([*keys, *(lifts.total(work[name]) for name in ("hard_sets", "volume_ug"))])


def _rows(lifts: pl.DataFrame, user_days: dy.DataFrame[UserDays], periods: Calendar) -> pl.DataFrame:
    known = pl.col("known_1rm_kg")
    in_known = (known > 0).fill_null(value=False)
    # all sets of a lift and day meet the same known 1RM, so the day's volume load stands for its sets
    per_cent_reps = pl.when(in_known).then(100.0 * from_micrograms(pl.col("volume_ug")) / known).otherwise(0.0)
    by_day = (
        lifts.lazy()
        .select_seq(
            "hard_sets", "volume_ug", "reps",
            day=pl.lit(periods.day_of_lift),
            intensity=to_units(per_cent_reps),
            intensity_reps=pl.when(in_known).then("reps").otherwise(0),
        )
        .group_by("day")
        .sum()
        .sort("day")
        .collect(engine="in-memory")
    )  # fmt: skip
    density = periods.days.join(user_days, on=["user_id", "day"], how="left", maintain_order="left")
    timed = density.select_seq(pl.col("timed_us", "timed_volume_ug", "timed_hard_sets").fill_null(0).cast(pl.Int64))
    sums = periods.by_period(pl.concat([by_day, timed], how="horizontal")).sort("row")
    timed_hours = pl.col("timed_us") / _MICROSECONDS_PER_HOUR
    rows = pl.concat([periods.rows, sums], how="horizontal").select_seq(
        "user_id",
        "calculation_date",
        "period_type",
        total_volume_kg=from_micrograms(pl.col("volume_ug")),
        total_sets=pl.col("hard_sets").cast(pl.Int32),
        total_reps=pl.col("reps").cast(pl.Int32),
        average_intensity=_ratio(from_units(pl.col("intensity")), pl.col("intensity_reps")),
        intensity_reps=pl.col("intensity_reps").cast(pl.Int32),
        volume_per_hour=_ratio(from_micrograms(pl.col("timed_volume_ug")), timed_hours),
        sets_per_hour=_ratio(pl.col("timed_hard_sets"), timed_hours),
    )
    key = [ids.text_words(pl.col("period_type").cast(pl.String))]
    return ids.with_ids(rows, "volume_analytics", user="user_id", day="calculation_date", key=key)


def _ratio(numerator: pl.Expr, denominator: pl.Expr) -> pl.Expr:
    """The quotient, null where there is nothing to divide by."""
    return pl.when(denominator > 0).then(numerator / denominator)
