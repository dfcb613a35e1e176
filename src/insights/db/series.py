"""The data of charts: one query for all lifts of a group of insights, one for all weeks and months."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

import psycopg

from insights.db import queries

Connection = psycopg.Connection[Any]
WEEKS_OF_ESTIMATES = 26
WEEKS_SHOWN = 12
MONTHS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Wish:
    """What a chart shows: a lift's day estimates, or the closed weeks or months of all training, up to a day."""

    user_id: UUID
    of: Literal["lift", "week", "month"]
    until: date
    exercise_id: UUID | None = None


def read(connection: Connection, wishes: Sequence[Wish]) -> list[list[queries.Row]]:
    """The rows of each wish, oldest first.

    A lift: day, estimate_kg. A week (Monday) or month (first day): hard_sets, tonnage_kg, sessions.
    """
    found: list[list[queries.Row]] = [[] for _ in wishes]
    of_lifts = [place for place, wish in enumerate(wishes) if wish.of == "lift"]
    if of_lifts:
        values = _columns([wishes[place] for place in of_lifts])
        for row in queries.rows(connection, "e1rm_series", values):
            found[of_lifts[row.pop("number") - 1]].append(row)
    of_periods = [place for place, wish in enumerate(wishes) if wish.of != "lift"]
    if of_periods:
        values = _columns([wishes[place] for place in of_periods])
        for row in queries.rows(connection, "period_series", values):
            place = of_periods[row.pop("number") - 1]
            found[place].append({wishes[place].of: row.pop("period_start"), **row})
    return found


def _columns(wishes: Sequence[Wish]) -> dict[str, list[Any]]:
    windows = [_window(wish) for wish in wishes]
    return {
        "user_ids": [wish.user_id for wish in wishes],
        "exercise_ids": [wish.exercise_id for wish in wishes],
        "units": [wish.of for wish in wishes],
        "since": [since for since, _ in windows],
        "until": [until for _, until in windows],
    }


def _window(wish: Wish) -> tuple[date, date]:
    """The first and last day that the rows may be of."""
    until = wish.until
    if wish.of == "lift":
        return until - timedelta(weeks=WEEKS_OF_ESTIMATES), until
    if wish.of == "week":
        sunday = until - timedelta(days=(until.weekday() + 1) % 7)
        last = sunday - timedelta(days=6)
        return last - timedelta(weeks=WEEKS_SHOWN - 1), last
    index = until.year * 12 + until.month - MONTHS_SHOWN
    return date(index // 12, index % 12 + 1, 1), until
