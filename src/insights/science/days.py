"""Which sets a run looks at: those of the users' own days up to a day."""

from datetime import date

import dataframely as dy
import polars as pl

from insights.frames import Sets, Users
from insights.science import loads


def until(sets: dy.DataFrame[Sets], users: dy.DataFrame[Users], as_of: date) -> dy.DataFrame[Sets]:
    """The sets of local days up to `as_of`. No rule may know what comes later, not even the typo rule."""
    zoned = sets.join(users.select("user_id", "time_zone"), on="user_id", how="left", maintain_order="left")
    days = loads.local_days(zoned)
    return Sets.validate(days.filter(pl.col("day") <= as_of).select(sets.columns))
