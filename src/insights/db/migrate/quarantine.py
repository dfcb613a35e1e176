"""What could not be carried over: listed, and tried again."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from insights.db.connection import connect
from insights.db.migrate import adapter, contracted, ledger
from insights.errors import BadInput

BUSY = frozenset({"55P03", "40P01", "40001"})  # another held a lock: nothing is wrong with the row
# The kinds of row that come of a source table's row, in order; the last three go back to the legacy tables.
KINDS = {
    "users": ("preferences",),
    "workouts": ("block",),
    "workout_exercises": ("block_exercise", "set_protocols"),
    "workout_sessions": ("performances",),
    "exercise_sets": ("set",),
    "user_preferences": ("units",),
    "workout_block_exercises": ("workout_exercise",),
    "set_protocols": ("rep_scheme",),
    "set_executions": ("exercise_set",),
}
_LEGACY = ("users", "workouts", "workout_exercises", "workout_sessions", "exercise_sets")
_GONE = {*contracted.TABLES, "workout_block_exercises", "set_protocols", "set_executions"}  # with 06.03, or their way


@dataclass(frozen=True, slots=True)
class Aside:
    """A row that is kept aside: where it is from, what it was, and why it does not fit."""

    id: int
    source_table: str
    source_id: UUID
    raw: dict[str, Any]
    sqlstate: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Retried:
    """How many source rows were tried, and how many of them are still kept aside."""

    tried: int
    left: int


def entries(url: str, table: str | None = None) -> list[Aside]:
    """Everything that is kept aside, oldest first; of one source table, if it is named. Changes nothing.

    In a database that was adopted with other names, a table is known by its own name too.

    Raises:
        BadInput: no row of that table can be kept aside.
        Unreachable: the server does not answer.
    """
    with connect(url) as connection:
        return _read(connection, _source(connection, table))


def retry(url: str, table: str | None = None) -> Retried:
    """Carry every row that is kept aside over again, each in a transaction of its own; `table` as in `entries`.

    Entries of tables that were dropped (06.03) stay as they are: nothing can be carried over from them.

    Raises:
        BadInput: no row of that table can be kept aside.
        Unreachable: the server does not answer.
    """
    with connect(url, autocommit=True) as connection:
        connection.execute("SELECT set_config('lock_timeout', '400ms', false)")
        return drain(connection, _source(connection, table))


def drain(
    connection: psycopg.Connection[Any], table: str | None = None, states: Collection[str] | None = None
) -> Retried:
    """`retry` on a connection in autocommit; only of entries with one of these SQLSTATEs, if they are named."""
    gone = _GONE if contracted.when(connection) else ()
    found = [
        entry
        for entry in _read(connection, table)
        if entry.source_table not in gone and (states is None or entry.sqlstate in states)
    ]
    rows = dict.fromkeys((entry.source_table, entry.source_id) for entry in found)
    for source_table, source_id in rows:
        _again(connection, source_table, source_id)
    still = {(entry.source_table, entry.source_id) for entry in _read(connection, table)}
    return Retried(len(rows), len(still & rows.keys()))


def _source(connection: psycopg.Connection[Any], table: str | None) -> str | None:
    """The contract's name of a source table."""
    if table is None or table in KINDS:
        return table
    for name, place in adapter.recorded(connection).items():
        if name in KINDS and table in (place.table, f"{place.schema}.{place.table}"):
            return name
    raise BadInput(f"no row of {table!r} can be kept aside", hint=f"There are {', '.join(KINDS)}.")


def _read(connection: psycopg.Connection[Any], table: str | None) -> list[Aside]:
    if not ledger.scalar(connection, "table_exists", {"name": "migration_quarantine"}):
        return []
    with connection.cursor(row_factory=class_row(Aside)) as cursor:
        return cursor.execute(ledger.statement("read_quarantine"), {"table": table}).fetchall()


def _again(connection: psycopg.Connection[Any], source_table: str, source_id: UUID) -> None:
    """Read the source row again, locked against a change meanwhile, and carry it over."""
    kinds = KINDS.get(source_table, ())
    lock = sql.SQL("SELECT FROM {} WHERE id = %s FOR SHARE").format(sql.Identifier(source_table))
    try:
        with connection.transaction():
            direction = "forward" if source_table in _LEGACY else "reverse"
            connection.execute("SELECT set_config('insights.sync', %s, true)", (direction,))
            if source_table != "set_protocols":  # its entries are known by their exercise
                connection.execute(lock, (source_id,))
            for kind in kinds:
                connection.execute("SELECT sync_row(%s, %s)", (kind, source_id))
            _forget_goal(connection, source_table, source_id)
    except psycopg.Error as error:
        if connection.broken:
            raise
        values = {"table": source_table, "id": source_id, "sqlstate": error.sqlstate or "XX000", "reason": str(error)}
        connection.execute(ledger.statement("aside_again"), values)


def _forget_goal(connection: psycopg.Connection[Any], source_table: str, source_id: UUID) -> None:
    if source_table == "users":
        connection.execute(ledger.statement("carry_goal"), {"id": source_id})


def waiting(found: Collection[Aside]) -> int:
    """How many rows only wait for a retry, because another transaction held a lock."""
    return len({(entry.source_table, entry.source_id) for entry in found if entry.sqlstate in BUSY})


def by_reason(found: Collection[Aside]) -> Iterator[tuple[str, str, str, int]]:
    """How many rows are kept aside for each (source table, SQLSTATE, reason), most first."""
    counts: dict[tuple[str, str, str], int] = {}
    for entry in found:
        key = (entry.source_table, entry.sqlstate, entry.reason)
        counts[key] = counts.get(key, 0) + 1
    for key, count in sorted(counts.items(), key=lambda item: -item[1]):
        yield (*key, count)
