"""The live rows of insight_data_points as of a day: the facts that insights cite, not a second copy of the analytics.

Live are the last closed week and what is usual, the last two closed months, the trend and level of each lift, the
records of the last 28 days, balance and consistency over four and eight closed weeks, the load of the last closed week,
and what goes along with a lift's days over 26 weeks. Who has too little data has
fewer points. `data_types.CATALOGUE` says what each type means.
"""

from datetime import date

import dataframely as dy
import polars as pl

from insights.frames import DataPoints, Movements, Muscles, Users
from insights.science import context_points, load_points, strength_points, training_points
from insights.science.facts import Facts
from insights.science.points import finished


def data_points(
    users: dy.DataFrame[Users],
    lift_days: pl.DataFrame,
    facts: Facts,
    volumes: pl.DataFrame,
    first_days: pl.DataFrame,
    as_of: date,
    muscles: dy.DataFrame[Muscles],
    movements: dy.DataFrame[Movements],
) -> dy.DataFrame[DataPoints]:
    """Every live data point of the users, from days up to `as_of`; values rounded to 4 decimals, confidence to 2.

    Args:
        users: whose points they are.
        lift_days: from `strength.lift_days`, made of `facts`.
        facts: those of `history.LOOK_BACK_DAYS` at least.
        volumes: from `volume.volumes` or `volume.totals`, made of `facts`.
        first_days: user_id and first_day, the first training day of each user; from `consistency.first_days`.
        as_of: the last day looked at.
        muscles: of the lifts in `facts`.
        movements: likewise.

    Rows are sorted by user, data type, lift, muscle or movement, and window.
    """
    then = pl.col("day") <= as_of
    days, lifts, context_days = facts.lift_days.filter(then), lift_days.filter(then), facts.context_days
    return finished(
        [
            training_points.week_points(days, volumes, first_days, as_of),
            training_points.month_points(days, volumes, as_of),
            strength_points.trend_points(lifts, users, as_of),
            strength_points.level_points(lifts, as_of),
            strength_points.record_points(lifts, days, as_of),
            training_points.balance_points(days, first_days, muscles, movements, as_of),
            training_points.consistency_points(users, days, volumes, first_days, as_of),
            load_points.deload_points(volumes, lifts, days, as_of),
            load_points.load_points(volumes, first_days, days, as_of),
            context_points.correlation_points(lifts, context_days, as_of),
        ]
    )
