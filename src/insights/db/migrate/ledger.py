"""The ledger: the table `insights_migrations`, which says what stands in a database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import psycopg
from psycopg.rows import class_row, scalar_row

from insights import assets
from insights.db.migrate.files import Migration

State = Literal["applied", "going_up", "going_down"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a migration that stands, wholly (`applied`) or in part (`going_up`, `going_down`)."""

    id: str
    name: str
    state: State
    steps_done: int
    checksum: str
    made_here: bool
    applied_at: datetime | None
    seconds: float


def text(name: str) -> str:
    """The text of `sql/migrations/runner/NAME.sql`, for a name to be put into it."""
    return assets.text("sql", "migrations", "runner", f"{name}.sql")


def statement(name: str) -> bytes:
    """The text of `sql/migrations/runner/NAME.sql`."""
    return text(name).encode()


def scalar(connection: psycopg.Connection[Any], name: str, parameters: dict[str, Any] | None = None) -> Any:
    """The one value that a statement of the runner gives."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(statement(name), parameters).fetchone()


def create(connection: psycopg.Connection[Any]) -> None:
    """Make the table where it is missing, and the columns that one of an earlier version lacks."""
    if not scalar(connection, "ledger_complete"):
        connection.execute(statement("create_ledger"))


def exists(connection: psycopg.Connection[Any]) -> bool:
    """Whether a runner has ever worked on this database."""
    return bool(scalar(connection, "ledger_exists"))


def read(connection: psycopg.Connection[Any]) -> dict[str, Entry]:
    """Every row, by the number of its migration, in order; none where the table is missing."""
    if not exists(connection):
        return {}
    with connection.cursor(row_factory=class_row(Entry)) as cursor:
        return {entry.id: entry for entry in cursor.execute(statement("read_ledger"))}


def save_up_step(connection: psycopg.Connection[Any], migration: Migration, steps_done: int, seconds: float) -> None:
    """Count a step of `migration.up`; the last one makes the migration applied."""
    state: State = "applied" if steps_done == len(migration.up) else "going_up"
    parameters = {
        "id": migration.id,
        "name": migration.name,
        "state": state,
        "steps_done": steps_done,
        "checksum": migration.checksum(steps_done),
        "seconds": seconds,
    }
    connection.execute(statement("save_up_step"), parameters)


def save_down_step(connection: psycopg.Connection[Any], migration: Migration, steps_done: int) -> None:
    """Count a step of `migration.down`; the last one takes the migration out of the ledger."""
    name = "forget" if steps_done == len(migration.down) else "save_down_step"
    connection.execute(statement(name), {"id": migration.id, "steps_done": steps_done})


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the batches of a step have come: the last id that they have done, and how many rows."""

    id: UUID
    rows: int


def read_cursor(connection: psycopg.Connection[Any], migration: Migration, number: int) -> Cursor | None:
    """Where the batches of up step `number` (from 1) stopped; None where they have not begun or the step was edited."""
    parameters = {"id": migration.id, "checksum": migration.checksum(number)}
    row = connection.execute(statement("read_cursor"), parameters).fetchone()
    return Cursor(*row) if row else None


def save_batch(
    connection: psycopg.Connection[Any], migration: Migration, number: int, cursor: Cursor, seconds: float
) -> None:
    """Keep the cursor of up step `number`, which is not done yet."""
    parameters = {
        "id": migration.id,
        "name": migration.name,
        "steps_done": number - 1,
        "checksum": migration.checksum(number - 1),
        "seconds": seconds,
        "cursor": cursor.id,
        "rows": cursor.rows,
        "batch_checksum": migration.checksum(number),
    }
    connection.execute(statement("save_batch"), parameters)
