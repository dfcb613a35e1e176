"""What a night has to do for each of its users: nothing but the day's points, some days again, or everything."""

from dataclasses import dataclass
from datetime import date, timedelta

import dataframely as dy
import numpy as np
import polars as pl

from insights.frames import Users
from insights.pipeline.remember import Memory
from insights.science import typos
from insights.science.history import LOOK_BACK_DAYS, STRADDLE_DAYS

# How far before a changed day the facts must be there: a month's row needs its first day, and a weight can make another
# set a typo that is judged by weights as far again.
BEFORE_DAYS = max(STRADDLE_DAYS, 2 * typos.WINDOW_DAYS)


@dataclass(frozen=True, slots=True)
class Agenda:
    """The work of a night.

    whole: the ids of users who are computed from all of their sets. spans: user_id, first_day, last_day: the days of
    the others that are read again. later: changes of days that are yet to come, as `changes.read` gave them.
    """

    whole: pl.Series
    spans: pl.DataFrame
    later: pl.DataFrame


def agenda(changes: pl.DataFrame, memory: Memory, users: dy.DataFrame[Users], as_of: date) -> Agenda:
    """The work that follows from the waiting changes and from what is remembered.

    From all sets come users whom the engine does not know, or knows of a later day; changes that name no day; and days
    so old that what they decide is no longer kept as facts.
    """
    known = changes.join(users.select_seq("user_id", "time_zone"), on="user_id")
    dated = _dated(known)
    coming = pl.col("first_day") > as_of
    spans = (
        dated.filter(pl.col("first_day") <= as_of)
        .select_seq("user_id", "first_day", last_day=pl.min_horizontal(pl.col("last_day").fill_null(as_of), as_of))
        .unique()
        .join(memory.standing, on="user_id", how="left")
    )
    reached = pl.col("first_day") - pl.duration(days=BEFORE_DAYS) >= pl.col("horizon")
    whole = pl.concat(
        [
            _unknown(memory, users, as_of),
            dated.filter(pl.col("first_day").is_null())["user_id"],
            spans.filter(~reached.fill_null(value=False))["user_id"],
        ]
    ).unique(maintain_order=True)
    left = ~pl.col("user_id").is_in(whole.implode())
    return Agenda(
        whole.sort(),
        spans.filter(left).select_seq("user_id", "first_day", "last_day"),
        _as_read(dated.filter(coming), changes.columns),
    )


def _unknown(memory: Memory, users: dy.DataFrame[Users], as_of: date) -> pl.Series:
    """Users without a memory from which the rows as of a day follow."""
    ahead = memory.facts.lift_days.filter(pl.col("day") > as_of)["user_id"].unique()
    enough = memory.standing.filter(pl.col("horizon") <= as_of - timedelta(days=LOOK_BACK_DAYS))
    usable = enough.filter(~pl.col("user_id").is_in(ahead.implode()))["user_id"]
    return users.filter(~pl.col("user_id").is_in(usable.implode()))["user_id"]


def _dated(changes: pl.DataFrame) -> pl.DataFrame:
    """The changes with the day of an instant as first_day and last_day."""
    instants = changes.select_seq("time_zone", "at").drop_nulls("at").unique()
    days = [
        moments.with_columns_seq(day=pl.col("at").dt.convert_time_zone(zone).dt.date())
        for (zone,), moments in instants.partition_by("time_zone", as_dict=True).items()
    ]
    if not days:
        return changes
    named = changes.join(pl.concat(days), on=["time_zone", "at"], how="left")
    return named.with_columns_seq(pl.coalesce("first_day", "day"), pl.coalesce("last_day", "day"))


def _as_read(dated: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Changes as they were read: that of an instant names no days."""
    days = (pl.when(pl.col("at").is_null()).then(name).alias(name) for name in ("first_day", "last_day"))
    return dated.with_columns_seq(days).select_seq(names)


def within(days: pl.DataFrame, spans: pl.DataFrame) -> pl.Series:
    """Of each row of `days` (user_id, day), whether it lies within a span of its user."""
    # first by the day alone, which leaves few rows to look up: most changes are of the last days
    near = pl.col("day").is_between(spans["first_day"].min(), spans["last_day"].max())
    own = days.select_seq("user_id", "day").with_row_index("row").filter(near).join(spans, on="user_id")
    inside = np.zeros(days.height, dtype=np.bool_)
    inside[own.filter(pl.col("day").is_between(pl.col("first_day"), pl.col("last_day")))["row"].to_numpy()] = True
    return pl.Series(inside)
