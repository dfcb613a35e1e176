"""The calendar of some users: their training days, and the days, weeks and months that those fall into."""

from dataclasses import dataclass

import polars as pl

from insights.frames import PERIODS
from insights.science import codes, periods
from insights.science.periods import Period

_TYPES: tuple[Period, ...] = ("daily", "weekly", "monthly")


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days and periods are told by their place in `days` and `rows`; both are sorted by their columns."""

    days: pl.DataFrame  # user_id, day
    day_of_lift: pl.Series  # the day of each of the lift-days from which it was made
    rows: pl.DataFrame  # user_id, period_type, calculation_date
    rows_of_day: tuple[pl.Series, ...]  # of each day, its row as a day, as a week and as a month

    def by_period(self, sums: pl.DataFrame, *keys: str) -> pl.DataFrame:
        """The sums of a day (its place) and `keys`, one row each, added up by row and `keys`."""
        of_day, *longer = (
            sums.lazy().select(pl.all().exclude("day"), row=pl.lit(row).gather(pl.col("day")))
            for row in self.rows_of_day
        )
        grouped = [frame.group_by("row", *keys).sum() for frame in longer]
        order = ["row", *(name for name in sums.columns if name != "day")]
        return pl.concat([frame.select(order) for frame in (of_day, *grouped)]).collect()


def calendar(lifts: pl.DataFrame) -> Calendar:
    """The calendar of the users and days of `lifts` (user_id, day; in any order)."""
    users = lifts["user_id"].unique().sort()
    at = lifts.select(at=codes.slot(pl.lit(codes.places(lifts["user_id"], users)), pl.col("day")))["at"]
    distinct = at.unique().sort()
    days = pl.DataFrame({"at": distinct}).select(user=codes.key_of(pl.col("at")), day=codes.day_of(pl.col("at")))
    keys = [
        days.select(
            codes.slot(pl.col("user") * len(_TYPES) + place, periods.first_day(pl.col("day"), period))
        ).to_series()
        for place, period in enumerate(_TYPES)
    ]
    found = pl.concat([key.unique() for key in keys]).sort()
    key = codes.key_of(pl.lit(found))
    rows = pl.select(
        user_id=pl.lit(users).gather(key // len(_TYPES)),
        period_type=pl.lit(pl.Series(_TYPES, dtype=pl.Enum(PERIODS))).gather(key % len(_TYPES)),
        calculation_date=codes.day_of(pl.lit(found)),
    )
    return Calendar(
        days.select(user_id=pl.lit(users).gather(pl.col("user")), day="day"),
        _places(at, distinct),
        rows,
        tuple(_places(key, found) for key in keys),
    )


def _places(values: pl.Series, among: pl.Series) -> pl.Series:
    return among.search_sorted(values).cast(pl.Int64)
