"""What has changed since the engine last looked.

Triggers (migration 07.06) append keys to a log. `resolve` moves them to engine_changes, as users and days, and a shard
reads the changes of its users with its snapshot and takes them away in the transaction that writes their results.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import adbc_driver_postgresql.dbapi as adbc
import polars as pl
import psycopg

from insights import assets
from insights.db import columns, derived, queries

BITE = 50_000  # entries in one statement: bounds the length of a transaction, and what a kill throws away
SCHEMA = {
    "user_id": pl.Binary(),
    "at": pl.Datetime("us", "UTC"),
    "first_day": pl.Date(),
    "last_day": pl.Date(),
}


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much the log holds: entries that no run has looked at, and resolved ones that no run has used."""

    entries: int
    resolved: int
    bytes: int
    oldest: datetime | None  # when the oldest entry was logged


def resolve(connection: psycopg.Connection[Any]) -> int:
    """Move the log to engine_changes; how many entries. The connection commits each statement by itself.

    No app write waits for it: nothing but the engine ever touches a row that is in the log.
    """
    total = 0
    while entries := take(connection):
        total += entries
    queries.run(connection, "changes_forget")
    return total


def take(connection: psycopg.Connection[Any]) -> int:
    """`resolve` one bite of the log; how many entries."""
    taken = connection.execute(_resolving("changes_take"), {"most": BITE}).fetchone()
    return int(taken[0]) if taken else 0


def backlog(connection: psycopg.Connection[Any]) -> Backlog:
    """What is waiting in the log. Reads all of it."""
    return Backlog(**queries.rows(connection, "changes_backlog")[0])


def derive(connection: psycopg.Connection[Any], user_ids: Sequence[UUID]) -> int:
    """Make the derived columns of these users' changed sessions as defined; how many rows that changed.

    `derived.derive` does it for all sessions, and here for users of whom no single day is known.
    """
    users = {"user_ids": list(user_ids)}
    whole = [row["user_id"] for row in queries.rows(connection, "changes_users_from_all", users)]
    names = ("changes_derive_performances", "changes_derive_session_context")
    return sum(queries.run(connection, name, users) for name in names) + derived.derive(connection, whole)


def read(cursor: adbc.Cursor) -> pl.DataFrame:
    """The resolved changes of the users in `shard_users`: user_id, at, first_day, last_day.

    A row stands for the user's day that holds the instant `at`, or for the days from first_day to last_day (null: all
    later ones), or, where all three are null, for the whole user.
    """
    frame = columns.fetch(cursor, assets.text("sql", "queries", "changes_read.sql"))
    return frame.cast(SCHEMA)  # type: ignore[arg-type]


def resolve_unseen(cursor: adbc.Cursor) -> None:
    """`resolve` inside the transaction of a dry run, which is rolled back. The log stays as it is."""
    cursor.execute(_resolving("changes_look"))


def _resolving(taken: str) -> LiteralString:
    """The query that resolves the entries which another gives."""
    return queries.query("changes_resolve").replace("({taken})", f"(\n{queries.query(taken)})")


def consume(cursor: adbc.Cursor, later: pl.DataFrame) -> None:
    """Take the changes of the users in `shard_users` away, but for `later`: those of days that are yet to come.

    `later` has the columns of `read`. Under the transaction's snapshot what goes are the rows that `read` gave.
    """
    cursor.execute(assets.text("sql", "queries", "changes_consume.sql"))
    columns.append(cursor, "engine_changes", later.select(list(SCHEMA)).unique())


def nothing() -> pl.DataFrame:
    """No change, with the columns of `read`."""
    return pl.DataFrame(schema=SCHEMA)
