"""The verbs of the migration runner: up, down, plan, status, verify."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg.rows import dict_row

from insights.db.connection import connect
from insights.db.migrate import archive, contracted, ledger, quarantine, refusals
from insights.db.migrate.backfill import FIRST_BATCH
from insights.db.migrate.files import BASE, Migration, discover, number_of
from insights.db.migrate.ledger import Entry
from insights.db.migrate.session import OnStep, check_server, session

PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Applied:
    """A migration that was applied or undone just now, and the seconds that it took."""

    id: str
    name: str
    steps: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Pending:
    """A migration that `up` would apply: the names of the steps that are left."""

    id: str
    name: str
    steps: tuple[str, ...]
    steps_done: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How one migration stands in a database."""

    id: str
    name: str
    state: Literal["applied", "pending", "going_up", "going_down", "edited", "unknown"]
    applied_at: datetime | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that `verify` found wrong."""

    id: str
    problem: str
    subject: str


def up(
    url: str,
    to: str | None = None,
    *,
    on_step: OnStep | None = None,
    folder: Path | None = None,
    patience_s: float = PATIENCE_S,
    first_batch: int = FIRST_BATCH,
) -> list[Applied]:
    """Apply every migration that is pending, up to and with `to`; those applied now, in order.

    Afterwards the rows that a down has archived are put back, and those that were kept aside because another held
    their locks are carried over again. `first_batch` is how many rows the first batch of a step has.

    Raises:
        EditedMigration: a file that was applied has changed since, or is missing.
        BadInput: there is no migration `to`, or a down stopped half way.
        MigrationFailed, Busy, Unreachable: see `Session.run`.
    """
    migrations = discover(folder)
    wanted = migrations if to is None else migrations[: number_of(migrations, to) + 1]
    applied = []
    with session(url, on_step, patience_s, first_batch) as runner:
        entries = ledger.read(runner.connection)
        refusals.edited_files(migrations, entries)
        refusals.half_way(entries.values(), "going_down")
        for migration in wanted:
            entry = entries.get(migration.id)
            if entry is not None and entry.state == "applied":
                continue
            done = entry.steps_done if entry else 0
            numbers = range(done + 1, len(migration.up) + 1)
            seconds = sum(runner.run(migration, "up", number) for number in numbers)
            applied.append(Applied(migration.id, migration.name, len(numbers), seconds))
        archive.put_back(runner.connection, [migration.id for migration in wanted])
        quarantine.drain(runner.connection, states=quarantine.BUSY)
    return applied


def down(
    url: str,
    to: str,
    *,
    discard_new_data: bool = False,
    archive_new_data: bool = False,
    on_step: OnStep | None = None,
    folder: Path | None = None,
    patience_s: float = PATIENCE_S,
) -> list[Applied]:
    """Undo every migration after `to`, which stays applied; "base" undoes all. Those undone, newest first.

    `archive_new_data` keeps the rows that the legacy tables cannot rebuild in the schema insights_archive, and the next
    `up` puts them back; `discard_new_data` lets them go.

    Raises:
        StillRolledOut: the rollout flags would go, and one lets users through to the new tables.
        WouldLoseData: there are such rows, and neither is asked for.
        EditedMigration: a file that was applied has changed since, or is missing.
        BadInput: there is no migration `to`, an up stopped half way, the first one was not made by this runner, or the
            legacy tables were dropped.
        MigrationFailed, Busy, Unreachable: see `Session.run`.
    """
    migrations = discover(folder)
    unwanted = migrations if to == BASE else migrations[number_of(migrations, to) + 1 :]
    undone = []
    with session(url, on_step, patience_s) as runner:
        contracted.refuse_after(runner.connection)
        entries = ledger.read(runner.connection)
        refusals.edited_files(migrations, entries)
        refusals.half_way(entries.values(), "going_up")
        leaving = [migration for migration in reversed(unwanted) if migration.id in entries]
        refusals.not_made_here(entries[migration.id] for migration in leaving)
        refusals.rolled_out(runner.connection, leaving)
        standing = [migration for migration in leaving if entries[migration.id].state == "applied"]
        if len(standing) == len(leaving):  # half way down, the functions that carry rows over are gone
            quarantine.drain(runner.connection, states=quarantine.BUSY)
        if archive_new_data:
            runner.patiently(partial(archive.keep, runner.connection, standing), "archive", lambda: None)
        elif not discard_new_data:
            refusals.loss(runner.connection, standing)
        for migration in leaving:
            entry = entries[migration.id]
            done = entry.steps_done if entry.state == "going_down" else 0
            numbers = range(done + 1, len(migration.down) + 1)
            seconds = sum(runner.run(migration, "down", number) for number in numbers)
            undone.append(Applied(migration.id, migration.name, len(numbers), seconds))
    return undone


def plan(url: str, to: str | None = None, *, folder: Path | None = None) -> list[Pending]:
    """What `up` would apply, in order. Changes nothing.

    Raises:
        EditedMigration: a file that was applied has changed since, or is missing.
        BadInput: there is no migration `to`, or a down stopped half way.
        Unreachable: the server does not answer.
    """
    migrations = discover(folder)
    wanted = migrations if to is None else migrations[: number_of(migrations, to) + 1]
    with connect(url) as connection:
        check_server(connection)
        entries = ledger.read(connection)
    refusals.edited_files(migrations, entries)
    refusals.half_way(entries.values(), "going_down")
    return [
        Pending(migration.id, migration.name, tuple(step.name for step in migration.up[done:]), done)
        for migration in wanted
        for done in [entries[migration.id].steps_done if migration.id in entries else 0]
        if migration.id not in entries or entries[migration.id].state != "applied"
    ]


def status(url: str, *, folder: Path | None = None) -> list[Standing]:
    """How every migration stands, the applied ones that no file belongs to included. Changes nothing.

    Raises:
        Unreachable: the server does not answer.
    """
    migrations = {migration.id: migration for migration in discover(folder)}
    with connect(url) as connection:
        check_server(connection)
        entries = ledger.read(connection)
    return [_standing(i, migrations.get(i), entries.get(i)) for i in sorted(migrations | entries)]


def verify(url: str, *, folder: Path | None = None) -> list[Finding]:
    """Ask every applied migration's own questions; what they find wrong. Changes nothing.

    Raises:
        BadInput: the legacy tables, of which they ask, were dropped.
        Unreachable: the server does not answer.
    """
    migrations = discover(folder)
    with connect(url) as connection:
        check_server(connection)
        contracted.refuse_after(connection)
        entries = ledger.read(connection)
        standing = [m for m in migrations if m.id in entries and entries[m.id].state == "applied"]
        return findings(connection, standing)


def findings(connection: psycopg.Connection[Any], migrations: Iterable[Migration]) -> list[Finding]:
    """What the questions of these migrations, which stand, find wrong."""
    return [
        Finding(migration.id, *row)
        for migration in migrations
        if migration.verify
        for row in _rows(connection, migration.verify)
    ]


def carried_over(url: str) -> list[dict[str, Any]]:
    """What became of the legacy rows: what, legacy, new, quarantined, rounded (weights cut to the column's scale).

    Empty before the sets have moved (04.03).

    Raises:
        BadInput: the legacy tables were dropped.
        Unreachable: the server does not answer.
    """
    with connect(url) as connection, connection.cursor(row_factory=dict_row) as cursor:
        contracted.refuse_after(connection)
        moved = connection.execute("SELECT to_regclass('set_executions') IS NOT NULL").fetchone()
        if moved != (True,):
            return []
        return cursor.execute(ledger.statement("carried_over")).fetchall()


def _standing(migration_id: str, migration: Migration | None, entry: Entry | None) -> Standing:
    if entry is None:
        assert migration is not None
        return Standing(migration_id, migration.name, "pending", None, None)
    if migration is None:
        return Standing(migration_id, entry.name, "unknown", entry.applied_at, entry.seconds)
    state = "edited" if refusals.is_edited(migration, entry) else entry.state
    return Standing(migration_id, migration.name, state, entry.applied_at, entry.seconds)


def _rows(connection: psycopg.Connection[Any], text: str) -> list[Any]:
    return connection.execute(text.encode(), prepare=False).fetchall()
