"""What the second half of a night reads and writes: facts, lifts, chart series and insights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from insights.db import queries
from insights.db.extract import POUND_WORDS

Connection = psycopg.Connection[Any]
MONTHS_SHOWN = 12
WEEKS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Reader:
    """A user as the second half sees one."""

    id: UUID
    units: str  # "kg" or "lb"
    tier: str  # "free", "plus" or "pro"
    features: frozenset[str]  # what plan_feature_limits gives that tier
    wants_insights: bool
    llm_processing: bool  # consent: facts may go to an endpoint that is not on this machine


@dataclass(frozen=True, slots=True)
class Stored:
    """An insight that stands, by what it was made from."""

    id: UUID
    input_hash: str | None
    prompt_hash: str | None
    model: str | None
    generator: str | None
    stale: bool


def readers(connection: Connection, user_ids: Sequence[UUID], at: datetime) -> list[Reader]:
    """The users, with tier and features (at this instant), consent and units."""
    rows = queries.rows(connection, "insight_users", {"user_ids": list(user_ids), "at": at})
    return [
        Reader(
            row["id"],
            "lb" if row["units"] in POUND_WORDS else "kg",
            row["tier"],
            frozenset(row["features"]),
            row["wants_insights"],
            row["llm_processing"],
        )
        for row in rows
    ]


def live_points(connection: Connection, user_id: UUID) -> list[queries.Row]:
    """The live rows of insight_data_points of a user."""
    return queries.rows(connection, "live_data_points", {"user_id": user_id})


def lifts(connection: Connection, user_id: UUID) -> list[queries.Row]:
    """The lifts that those rows are about: id, name, custom, movement, muscle."""
    return queries.rows(connection, "lifts_of_user", {"user_id": user_id})


def stored(connection: Connection, user_id: UUID) -> dict[str, Stored]:
    """The insights that stand, by insight_key."""
    rows = queries.rows(connection, "stored_insights", {"user_id": user_id})
    return {row.pop("insight_key"): Stored(**row) for row in rows}


def asked_before(connection: Connection, user_id: UUID) -> set[tuple[str, str, str, str]]:
    """(insight_key, input_hash, prompt_hash, model) of every question that was asked to the end."""
    rows = queries.rows(connection, "asked_before", {"user_id": user_id})
    return {(row["insight_key"], row["input_hash"], row["prompt_hash"], row["model"]) for row in rows}


def e1rm_series(connection: Connection, user_id: UUID, exercise_id: UUID, until: date) -> list[queries.Row]:
    """The day's estimates of a lift over the 26 weeks that end with `until`."""
    window = {"since": until - timedelta(weeks=26), "until": until}
    return queries.rows(connection, "e1rm_series", {"user_id": user_id, "exercise_id": exercise_id, **window})


def weekly_series(connection: Connection, user_id: UUID, until: date) -> list[queries.Row]:
    """The last weeks that are closed on `until`: week (Monday), hard_sets, tonnage_kg, sessions."""
    sunday = until - timedelta(days=(until.weekday() + 1) % 7)
    last = sunday - timedelta(days=6)
    since = last - timedelta(weeks=WEEKS_SHOWN - 1)
    return _periods(connection, user_id, "week", "weekly", since, last)


def monthly_series(connection: Connection, user_id: UUID, until: date) -> list[queries.Row]:
    """The last months up to the one of `until`: month (first day), hard_sets, tonnage_kg, sessions."""
    index = until.year * 12 + until.month - MONTHS_SHOWN
    since = date(index // 12, index % 12 + 1, 1)
    return _periods(connection, user_id, "month", "monthly", since, until)


def _periods(
    connection: Connection, user_id: UUID, unit: str, period_type: str, since: date, until: date
) -> list[queries.Row]:
    values = {"user_id": user_id, "unit": unit, "period_type": period_type, "since": since, "until": until}
    rows = queries.rows(connection, "period_series", values)
    return [{unit: row.pop("period_start"), **row} for row in rows]


def write_all(connection: Connection, insights: Sequence[Mapping[str, Any]]) -> None:
    """Write insights (the columns of user_insights), each in place of the one with the same key, which is kept.

    Writing the same insight twice changes nothing. To be called in a transaction.
    """
    with connection.cursor() as cursor:
        cursor.executemany(queries.query("supersede_insight"), insights, returning=True)
        replaced = [result.fetchone() for result in cursor.results()]
    json_columns = ("recommendations", "chart_data", "spans", "claims")
    values = [
        {**insight, **{name: Jsonb(insight[name]) for name in json_columns}, "supersedes": old[0] if old else None}
        for insight, old in zip(insights, replaced, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(queries.query("write_insight"), values)
