"""From the facts of days, and the bests before them, to every row that is stored. No rule here sees a set."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import chain

import dataframely as dy
import polars as pl

from insights.frames import DataPoints, Movements, Muscles, Progressions, Users, Volumes
from insights.science import consistency, periods, strength, volume
from insights.science.data_points import lift_points, period_points
from insights.science.facts import Facts, worked
from insights.science.history import Bests
from insights.science.periods import last_days
from insights.science.points import finished
from insights.science.strength_points import RECORD_DAYS


@dataclass(frozen=True, slots=True)
class Derived:
    """The rows of the three tables; those of the third are worked out when they are asked for."""

    volumes: dy.DataFrame[Volumes]
    progressions: dy.DataFrame[Progressions]
    data_points: Callable[[], dy.DataFrame[DataPoints]]


def derive(
    facts: Facts,
    bests: Bests,
    users: dy.DataFrame[Users],
    muscles: dy.DataFrame[Muscles],
    movements: dy.DataFrame[Movements],
    as_of: date,
    since: pl.DataFrame | None = None,
    due: pl.Series | None = None,
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
        due: the ids of the users whose data points on closed periods come back, if not those of all; see `users_due`.
            Goes with `since`.

    Data points on lifts are always those of all users, as of `as_of`.
    """
    if since is None:
        days = strength.known_days(facts.lift_days, bests.lifts)
        reached = lift_days = strength.told(days)
        volumes = volume.volumes(days, facts.user_days, muscles, movements)
        first_days = consistency.first_days(volumes, bests.users)
        on_periods = partial(
            period_points, users, lift_days, facts.lift_days, volumes, first_days, as_of, muscles, movements
        )
    else:
        recent = last_days(as_of, RECORD_DAYS).start
        days = strength.known_days(facts.lift_days, bests.lifts, since.drop_nulls("exercise_id"), recent)
        lift_days, reached = strength.told(days), strength.told(days, reached=True)
        volumes = _volumes_since(days, facts, muscles, movements, since)
        whose = users["user_id"] if due is None else due
        on_periods = partial(_points_due, whose, days, lift_days, facts, bests, users, muscles, movements, as_of)

    def data_points() -> dy.DataFrame[DataPoints]:
        return finished(chain(on_periods(), lift_points(users, lift_days, facts.context_days, as_of)))

    return Derived(volumes, strength.progressions(reached), data_points)


def users_due(told_through: pl.DataFrame, facts: Facts, bests: Bests, since: pl.DataFrame, as_of: date) -> pl.Series:
    """The ids of users whose data points on closed periods may be others than before, ascending.

    Args:
        told_through: user_id, closed_through: up to which day the closed periods have their points already. All users.
        facts: as in `derive`, as they are now.
        bests: as in `derive`.
        since: from which day on the facts have changed since then.
        as_of: the last day.

    A period closes on `periods.closed_through`, and no later day has a say in its points, but that a user who had not
    begun by then has begun now.
    """
    closed = periods.closed_through(as_of)
    trained = facts.lift_days.select_seq("user_id", trained=(pl.col("day") <= closed) & worked())
    begun = pl.concat([bests.users["user_id"], trained.filter("trained")["user_id"].unique()])
    touched = since.filter(pl.col("day") <= closed)["user_id"]
    same = (pl.col("closed_through") == closed) & pl.col("user_id").is_in(begun.implode())
    return told_through.filter(~same.fill_null(False) | pl.col("user_id").is_in(touched.implode()))["user_id"].sort()


def _points_due(
    due: pl.Series,
    days: pl.DataFrame,
    lift_days: pl.DataFrame,
    facts: Facts,
    bests: Bests,
    users: pl.DataFrame,
    muscles: dy.DataFrame[Muscles],
    movements: dy.DataFrame[Movements],
    as_of: date,
) -> Iterator[pl.DataFrame]:
    """The points on closed periods of some users."""
    if due.is_empty():
        return
    own = pl.col("user_id").is_in(due.implode())
    totals = volume.totals(days.filter(own), facts.user_days)
    first_days = consistency.first_days(totals, bests.users.filter(own))
    whose, told, all_days = (frame.filter(own) for frame in (users, lift_days, facts.lift_days))
    yield from period_points(whose, told, all_days, totals, first_days, as_of, muscles, movements)


def _volumes_since(
    days: pl.DataFrame,
    facts: Facts,
    muscles: dy.DataFrame[Muscles],
    movements: dy.DataFrame[Movements],
    since: pl.DataFrame,
) -> dy.DataFrame[Volumes]:
    """The rows of the periods that hold the user's earliest day in `since` or a later one."""
    if since.is_empty():
        return Volumes.create_empty()
    starts = since.group_by("user_id").agg(pl.col("day").min())
    earliest = starts.select_seq(
        pl.min_horizontal(periods.first_day(pl.col("day"), period) for period in ("weekly", "monthly")).min()
    ).item()
    near = days.select_seq(volume.ASKED).filter(pl.col("day") >= earliest)
    return volume.volumes(near, facts.user_days, muscles, movements, starts)
