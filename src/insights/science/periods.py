"""Days, ISO weeks and months of the user's own calendar, and which of them are closed.

A week is named by its Monday, a month by its first day. A period is closed once `as_of` has reached its last day: a
night includes the days up to `as_of` itself.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import polars as pl

Period = Literal["daily", "weekly", "monthly"]
_EVERY: dict[Period, str] = {"daily": "1d", "weekly": "1w", "monthly": "1mo"}


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """How many days it holds."""
        return (self.end - self.start).days + 1


def first_day(day: pl.Expr, period: Period) -> pl.Expr:
    """The first day of the period that a day lies in."""
    return day.dt.truncate(_EVERY[period])


def closed_weeks(as_of: date, count: int, *, skip: int = 0) -> Window:
    """The last `count` closed ISO weeks, from a Monday to a Sunday, after leaving out the newest `skip`."""
    sunday = as_of - timedelta(days=as_of.isoweekday() % 7 + 7 * skip)
    return Window(sunday - timedelta(days=7 * count - 1), sunday)


def closed_month(as_of: date, *, skip: int = 0) -> Window:
    """The last closed calendar month, or an earlier one: 1 is the month before it."""
    after = as_of + timedelta(days=1)
    end = after.replace(day=1) - timedelta(days=1)
    for _ in range(skip):
        end = end.replace(day=1) - timedelta(days=1)
    return Window(end.replace(day=1), end)


def closed_through(as_of: date) -> date:
    """The newest day on which a week or a month was closed: all days up to the next such day have the same windows."""
    return max(closed_weeks(as_of, 1).end, closed_month(as_of).end)


def last_days(as_of: date, count: int) -> Window:
    """The `count` days up to and with `as_of`."""
    return Window(as_of - timedelta(days=count - 1), as_of)
