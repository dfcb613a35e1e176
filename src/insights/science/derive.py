"""From the facts of days, and the bests before them, to every row that is stored. No rule here sees a set."""

from dataclasses import dataclass
from datetime import date

import dataframely as dy
import polars as pl

from insights.frames import DataPoints, Movements, Muscles, Progressions, Users, Volumes
from insights.science import consistency, periods, strength, volume
from insights.science.data_points import data_points
from insights.science.facts import Facts
from insights.science.history import Bests
from insights.science.tracks import JUMP_DAYS


@dataclass(frozen=True, slots=True)
class Derived:
    """The rows of the three tables."""

    volumes: dy.DataFrame[Volumes]
    progressions: dy.DataFrame[Progressions]
    data_points: dy.DataFrame[DataPoints]


def derive(
    facts: Facts,
    bests: Bests,
    users: dy.DataFrame[Users],
    muscles: dy.DataFrame[Muscles],
    movements: dy.DataFrame[Movements],
    as_of: date,
    since: pl.DataFrame | None = None,
) -> Derived:
    """Every row that follows from the facts, or those that a change can have reached.

    Args:
        facts: all days up to `as_of`; with bests those that `history.fold` has kept.
        bests: what stood before them.
        users: all users of the facts.
        muscles: of the lifts in the facts.
        movements: likewise.
        as_of: the last day.
        since: user_id, exercise_id (null: of no lift), day: from which day on the facts have changed; see
            `facts.changed`. Of those lifts, the progressions from that day on come back, and those of the last days
            before it whose jump that day can decide; of those users, the volumes of the periods that hold the earliest
            of their days, or a later one. Rows outside of this cannot have changed. Needed with bests.

    Data points are always those of all users, as of `as_of`.
    """
    days = strength.known_days(facts.lift_days, bests.lifts)
    lift_days = strength.told(days)
    if since is None:
        volumes = volume.volumes(days, facts.user_days, muscles, movements)
        totals: pl.DataFrame = volumes
        reached = lift_days
    else:
        volumes = _volumes_since(days, facts, muscles, movements, since)
        totals = volume.totals(days, facts.user_days)
        reached = _reached(lift_days, since)
    first_days = consistency.first_days(totals, bests.users)
    points = data_points(users, lift_days, facts, totals, first_days, as_of, muscles, movements)
    return Derived(volumes, strength.progressions(reached), points)


def _reached(lift_days: pl.DataFrame, since: pl.DataFrame) -> pl.DataFrame:
    """The days of the changed lifts that are rows to be written."""
    lift = ["user_id", "exercise_id"]
    days = lift_days.join(since.rename({"day": "since"}), on=lift, maintain_order="left")
    before = days.filter(pl.col("day") < pl.col("since"), pl.col("estimated_1rm_kg").is_not_null(), ~pl.col("deload"))
    open_days = before.group_by(*lift, "with_body_weight", maintain_order=True).tail(JUMP_DAYS - 1)
    later = days.filter(pl.col("day") >= pl.col("since"))
    return pl.concat([open_days.select(lift_days.columns), later.select(lift_days.columns)])


def _volumes_since(
    days: pl.DataFrame,
    facts: Facts,
    muscles: dy.DataFrame[Muscles],
    movements: dy.DataFrame[Movements],
    since: pl.DataFrame,
) -> dy.DataFrame[Volumes]:
    """The rows of the periods that hold the user's earliest day in `since` or a later one."""
    starts = since.group_by("user_id").agg(since=pl.col("day").min())
    week, month = (periods.first_day(pl.col("since"), period) for period in ("weekly", "monthly"))
    first = starts.with_columns(daily="since", weekly=week, monthly=month)
    needed = pl.col("day") >= pl.min_horizontal("weekly", "monthly")
    recent = days.join(first, on="user_id", maintain_order="left").filter(needed).select(days.columns)
    rows = volume.volumes(recent, facts.user_days, muscles, movements)
    begins = pl.coalesce(pl.when(pl.col("period_type") == name).then(name) for name in ("daily", "weekly", "monthly"))
    held = rows.join(first, on="user_id", maintain_order="left").filter(pl.col("calculation_date") >= begins)
    return Volumes.validate(held.select(rows.columns))
