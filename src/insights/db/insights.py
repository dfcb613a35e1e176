"""What the second half of a night reads and writes: readers, what is known about them, lifts, and insights.

Everything is read for many users at once: a query for each user would cost more than all that is done with its rows.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from insights.db import queries
from insights.db.extract import POUND_WORDS

Connection = psycopg.Connection[Any]
JSON_COLUMNS = ("recommendations", "chart_data", "spans", "claims")


@dataclass(frozen=True, slots=True)
class Reader:
    """A user as the second half sees one."""

    id: UUID
    units: str  # "kg" or "lb"
    time_zone: str | None  # as the app stores it
    tier: str  # "free", "plus" or "pro"
    features: frozenset[str]  # what plan_feature_limits gives that tier
    wants_insights: bool
    llm_processing: bool  # consent: facts may go to an endpoint that is not on this machine
    injury_history: Any  # as the app stores it


@dataclass(frozen=True, slots=True)
class Stored:
    """An insight that stands, by what it was made from."""

    id: UUID
    input_hash: str | None
    prompt_hash: str | None
    model: str | None
    generator: str | None
    stale: bool


@dataclass(slots=True)
class Known:
    """What is stored about one user that decides what is told."""

    points: list[queries.Row] = field(default_factory=list)  # live rows of insight_data_points
    standing: dict[str, Stored] = field(default_factory=dict)  # by insight_key
    asked: set[tuple[str, str, str, str]] = field(default_factory=set)  # insight_key, input_hash, prompt_hash, model
    dismissed: list[queries.Row] = field(default_factory=list)  # insight_type, period_start, identity of the lead claim
    read: list[queries.Row] = field(default_factory=list)  # first tellings: insight_key, ..., created_at


def readers(connection: Connection, user_ids: Sequence[UUID], at: datetime) -> list[Reader]:
    """The users, with tier and features (at this instant), consent and units."""
    rows = queries.rows(connection, "insight_users", {"user_ids": list(user_ids), "at": at})
    return [
        Reader(
            **{
                **row,
                "units": "lb" if row["units"] in POUND_WORDS else "kg",
                "features": frozenset(row["features"]),
            }
        )
        for row in rows
    ]


def known(
    connection: Connection, user_ids: Iterable[UUID], *, dismissed_since: datetime, read_since: datetime
) -> dict[UUID, Known]:
    """What is stored about users, by their ids."""
    found = {user_id: Known() for user_id in user_ids}
    users = {"user_ids": list(found)}
    for row in queries.rows(connection, "live_data_points", users):
        found[row.pop("user_id")].points.append(row)
    for row in queries.rows(connection, "stored_insights", users):
        user, key = found[row.pop("user_id")], row.pop("insight_key")
        user.standing[key] = Stored(**row)
    for row in queries.rows(connection, "asked_before", users):
        question = row["insight_key"], row["input_hash"], row["prompt_hash"], row["model"]
        found[row["user_id"]].asked.add(question)
    for row in queries.rows(connection, "dismissed_claims", users | {"since": dismissed_since}):
        found[row.pop("user_id")].dismissed.append(row)
    for row in queries.rows(connection, "first_tellings", users | {"since": read_since}):
        found[row.pop("user_id")].read.append(row)
    return found


def lifts(connection: Connection, exercise_ids: Collection[UUID]) -> list[queries.Row]:
    """Lifts: id, name, custom, movement, muscle."""
    return queries.rows(connection, "lifts_told_of", {"ids": list(exercise_ids)})


def variations(connection: Connection, exercise_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The catalogue's variations of lifts, in both directions; lifts without one are left out."""
    found: dict[UUID, list[UUID]] = {}
    for row in queries.rows(connection, "variations_of_lifts", {"ids": list(exercise_ids)}):
        found.setdefault(row["of_exercise_id"], []).append(row["id"])
    return found


def write_all(connection: Connection, insights: Sequence[Mapping[str, Any]]) -> None:
    """Write insights (the columns of user_insights), each in place of the one with the same key, which is kept.

    Writing the same insight twice changes nothing. To be called in a transaction.
    """
    keys = {
        "ids": [insight["id"] for insight in insights],
        "user_ids": [insight["user_id"] for insight in insights],
        "insight_keys": [insight["insight_key"] for insight in insights],
    }
    replaced = {row["id"]: row["replaced"] for row in queries.rows(connection, "supersede_insights", keys)}
    values = [
        {
            **insight,
            **{name: Jsonb(insight[name]) for name in JSON_COLUMNS},
            "supersedes": replaced.get(insight["id"]),
        }
        for insight in insights
    ]
    with connection.cursor() as cursor:
        cursor.executemany(queries.query("write_insight"), values)
