"""What a day was trained on: sleep, stress and energy, as they were logged with its sessions.

No table holds an RPE of a whole session: exercise_performances.average_rpe is the mean over the sets of one lift, and
workout_sessions.difficulty_rating has no scale. So the load of a day is its logged volume (see `consistency`).
"""

import dataframely as dy
import polars as pl

from insights.frames import SessionContexts

FACTORS = ("sleep_hours", "sleep_quality", "stress_level", "energy_level")
LONGEST_SLEEP_H = 24.0
_TENTHS = 10  # hours of sleep are stored to the tenth; the levels are whole


def context_days(sets: pl.DataFrame, contexts: dy.DataFrame[SessionContexts]) -> pl.DataFrame:
    """One row a user and day with a factor: user_id, day, and the `FACTORS` (Float64, null where not logged).

    `sets` has user_id, session_id, session_status and day, such as judged sets. A day's factor is the mean of its
    sessions that have it; a session that never started has none, nor has sleep outside 0 to 24 hours. Sorted by user
    and day.
    """
    sessions = (
        sets.filter(pl.col("session_status") != "NOT_STARTED").select_seq("user_id", "session_id", "day").unique()
    )
    sleep = pl.col("sleep_hours")
    possible = pl.when(sleep.is_between(0.0, LONGEST_SLEEP_H)).then(sleep)
    known = contexts.with_columns_seq(sleep_hours=possible).join(sessions, on=["user_id", "session_id"])
    days = known.group_by("user_id", "day").agg(_mean(name) for name in FACTORS)
    return days.filter(pl.any_horizontal(pl.col(FACTORS).is_not_null())).sort("user_id", "day")


def _mean(name: str) -> pl.Expr:
    """The mean in one division of whole numbers, so that equal means are equal doubles."""
    tenths = (pl.col(name).cast(pl.Float64) * _TENTHS).round().cast(pl.Int64)
    count = tenths.count()
    return pl.when(count > 0).then(tenths.sum() / (count * _TENTHS)).alias(name)
