"""The live rows of insight_data_points as of a day: the facts that insights cite, not a second copy of the analytics.

Live are the last closed week and what is usual, the last two closed months, the trend and level of each lift, the
records of the last 28 days, balance and consistency over four and eight closed weeks, the load of the last closed week,
and what goes along with a lift's days over 26 weeks. Who has too little data has fewer points. `data_types.CATALOGUE`
says what each type means. What is made here is unfinished: see `points.finished`.

A shard of few users pays for the number of steps, not for rows. So what several points ask for is worked out once (see
`windows`), and plans of several steps are collected in memory: the streaming engine takes a millisecond to start.
"""

from collections.abc import Iterator
from datetime import date

import dataframely as dy
import polars as pl

from insights.frames import Movements, Muscles
from insights.science import context_points, load_points, strength_points, training_points, windows
from insights.science.periods import Window
from insights.science.windows import within

_FACTS = (
    "user_id", "exercise_id", "day", "hard_sets", "reps", "volume_ug", "checked_sets", "doubtful_sets",
)  # fmt: skip
_VOLUMES = ("id", "user_id", "period_type", "calculation_date", "total_sets", "total_volume_kg")


def period_points(
    users: pl.DataFrame,
    lift_days: pl.DataFrame,
    facts: pl.DataFrame,
    volumes: pl.DataFrame,
    first_days: pl.DataFrame,
    as_of: date,
    muscles: dy.DataFrame[Muscles],
    movements: dy.DataFrame[Movements],
) -> Iterator[pl.DataFrame]:
    """The points on closed weeks and months: of a user, a muscle or a movement.

    Args:
        users: whose points they are.
        lift_days: from `strength.lift_days`, made of `facts`.
        facts: lift-days, those of `history.LOOK_BACK_DAYS` at least.
        volumes: from `volume.volumes` or `volume.totals`, made of `facts`.
        first_days: user_id and first_day, the first training day of each user; from `consistency.first_days`.
        as_of: the last day looked at.
        muscles: of the lifts in `facts`.
        movements: likewise.

    They stay as they are from one day of `periods.closed_through` to the next, and rest on no later day once the user
    has begun.
    """
    spans = windows.windows(as_of)
    oldest = min(span.start for span in spans.values())
    recent = facts.select_seq(_FACTS).filter(within(Window(oldest, as_of)))
    periods = volumes.select_seq(_VOLUMES)
    known = windows.known(recent, periods, spans)
    yield from training_points.week_points(known, periods, first_days, spans)
    yield from training_points.month_points(known, periods, spans)
    yield from training_points.balance_points(recent, first_days, muscles, movements, as_of)
    yield from training_points.consistency_points(known, users, periods, first_days, as_of)
    yield from load_points.deload_points(known, periods, lift_days, spans)
    yield from load_points.load_points(known, periods, first_days, spans)


def lift_points(
    users: pl.DataFrame, lift_days: pl.DataFrame, context_days: pl.DataFrame, as_of: date
) -> Iterator[pl.DataFrame]:
    """The points on single lifts, from days up to `as_of`: these move with every day.

    Args:
        users: whose points they are.
        lift_days: from `strength.lift_days`.
        context_days: the facts of what surrounded the sessions.
        as_of: the last day looked at.
    """
    yield from strength_points.trend_points(lift_days, users, as_of)
    yield from strength_points.level_points(lift_days, as_of)
    yield from strength_points.record_points(lift_days, as_of)
    yield from context_points.correlation_points(lift_days, context_days, as_of)
