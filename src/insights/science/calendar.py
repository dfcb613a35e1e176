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
    rows_of_day: tuple[pl.Series, ...]  # of each day, its row as a day, as a week and as a month; null: not asked for

    def by_period(self, sums: pl.DataFrame, *keys: str) -> pl.DataFrame:
        """The sums of a day (its place) and `keys`, one row each, added up by row and `keys`."""
        of_day, *longer = (
            sums.lazy().select_seq(pl.all().exclude("day"), row=pl.lit(row).gather(pl.col("day"))).drop_nulls("row")
            for row in self.rows_of_day
        )
        grouped = [frame.group_by("row", *keys).sum() for frame in longer]
        order = ["row", *(name for name in sums.columns if name != "day")]
        return pl.concat([frame.select_seq(order) for frame in (of_day, *grouped)]).collect(engine="in-memory")


def calendar(lifts: pl.DataFrame, since: pl.DataFrame | None = None) -> Calendar:
    """The calendar of the users and days of `lifts` (user_id, day; in any order).

    With `since` (user_id, day; one row a user) only the rows of the periods that hold this day or a later one.
    """
    users = lifts["user_id"].unique().sort()
    at = lifts.select_seq(at=codes.slot(pl.lit(codes.places(lifts["user_id"], users)), pl.col("day")))["at"]
    distinct = at.unique().sort()
    days = pl.DataFrame({"at": distinct}).select_seq(user=codes.key_of(pl.col("at")), day=codes.day_of(pl.col("at")))
    begins = None if since is None else users.to_frame().join(since, on="user_id", how="left", maintain_order="left")
    keys = [_keys(days, place, period, begins) for place, period in enumerate(_TYPES)]
    found = pl.concat([key.unique() for key in keys]).drop_nulls().sort()
    key = codes.key_of(pl.lit(found))
    rows = pl.select(
        user_id=pl.lit(users).gather(key // len(_TYPES)),
        period_type=pl.lit(pl.Series(_TYPES, dtype=pl.Enum(PERIODS))).gather(key % len(_TYPES)),
        calculation_date=codes.day_of(pl.lit(found)),
    )
    return Calendar(
        days.select_seq(user_id=pl.lit(users).gather(pl.col("user")), day="day"),
        _places(at, distinct),
        rows,
        tuple(_places(key, found) for key in keys),
    )


def _keys(days: pl.DataFrame, place: int, period: Period, begins: pl.DataFrame | None) -> pl.Series:
    """Of each day (user, day) one number for its user and period; null where that ends before the user `begins`."""
    first = periods.first_day(pl.col("day"), period)
    key = codes.slot(pl.col("user") * len(_TYPES) + place, first)
    if begins is not None:
        of_user = begins.select_seq(periods.first_day(pl.col("day"), period)).to_series()
        key = pl.when(first >= pl.lit(of_user).gather(pl.col("user"))).then(key)
    return days.select_seq(key).to_series()


def _places(values: pl.Series, among: pl.Series) -> pl.Series:
    """The place of each value; null for null."""
    places = among.search_sorted(values).cast(pl.Int64)
    return places.set(values.is_null(), None) if values.has_nulls() else places
