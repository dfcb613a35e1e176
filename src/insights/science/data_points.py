"""The live rows of insight_data_points as of a day: the facts that insights cite, not a second copy of the analytics.

Live are the last closed week and what is usual, the last two closed months, the trend and level of each lift, the
records of the last 28 days, and balance and consistency over four and eight closed weeks. Who has too little data has
fewer points. `data_types.CATALOGUE` says what each type means.
"""

from datetime import date

import dataframely as dy
import polars as pl

from insights.frames import DataPoints, JudgedSets, Movements, Muscles, Users, Volumes
from insights.science import strength_points, training_points
from insights.science.points import finished


def data_points(
    users: dy.DataFrame[Users],
    lift_days: pl.DataFrame,
    judged: dy.DataFrame[JudgedSets],
    volumes: dy.DataFrame[Volumes],
    as_of: date,
    muscles: dy.DataFrame[Muscles],
    movements: dy.DataFrame[Movements],
) -> dy.DataFrame[DataPoints]:
    """Every live data point of the users, from days up to `as_of`; values rounded to 4 decimals, confidence to 2.

    `lift_days` comes from `strength.lift_days` and `volumes` from `volume.volumes`, both made from `judged`. Rows are
    sorted by user, data type, lift, muscle or movement, and window.
    """
    judged_then = judged.filter(pl.col("day") <= as_of)
    lift_days_then = lift_days.filter(pl.col("day") <= as_of)
    return finished(
        [
            training_points.week_points(judged_then, volumes, as_of),
            training_points.month_points(judged_then, volumes, as_of),
            strength_points.trend_points(lift_days_then, users, as_of),
            strength_points.level_points(lift_days_then, as_of),
            strength_points.record_points(lift_days_then, judged_then, as_of),
            training_points.balance_points(judged_then, volumes, muscles, movements, as_of),
            training_points.consistency_points(users, judged_then, volumes, as_of),
        ]
    )
