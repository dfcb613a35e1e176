"""What `up` would do to a live database: steps, locks, rows, time zones, clients, rows that a check would not pass."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from insights import assets
from insights.db.connection import connect
from insights.db.migrate import ledger, locks, runner
from insights.db.migrate.files import Migration, Step, discover
from insights.db.migrate.locks import Lock

BYTES_A_ROW = 100  # where the planner has no estimate yet
ZONES_OF_UTC = {f"{area}{name}" for area in ("", "etc/") for name in ("utc", "uct", "gmt", "gmt0", "zulu", "universal")}
_PARAMETER = re.compile(r"\$\d")


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step: the locks on tables that stand, and for one that moves rows an estimate of how many."""

    name: str
    locks: tuple[Lock, ...]
    rows: int | None
    transactional: bool


@dataclass(frozen=True, slots=True)
class PlannedMigration:
    """A migration that `up` would apply, with the steps that are left; `declared` is its own word on its locks."""

    id: str
    name: str
    declared: tuple[Lock, ...]
    steps: tuple[PlannedStep, ...]


@dataclass(frozen=True, slots=True)
class NaiveColumn:
    """A column without a time zone that a pending migration gives one: its values are read as UTC.

    `from_clock`: the default is the clock, so a session in another zone has written that zone's time. `ahead_s`: how
    far its newest value lies after the server's clock in UTC, which only another zone explains; None where it does not.
    """

    table: str
    column: str
    from_clock: bool
    ahead_s: float | None


@dataclass(frozen=True, slots=True)
class ForeignZone:
    """A role whose sessions are in another zone than UTC, where that comes from, and what mends it."""

    role: str
    zone: str
    source: str
    mend: str


@dataclass(frozen=True, slots=True)
class Client:
    """Connections of one application and role. `tables` are changed ones that its last statements name.

    `prepares`: a last statement has parameters, as those of drivers that prepare by themselves have (psycopg 3,
    asyncpg, pgJDBC, Npgsql).
    """

    application: str
    role: str
    connections: int
    oldest_transaction_s: float
    tables: tuple[str, ...]
    prepares: bool


@dataclass(frozen=True, slots=True)
class BadAddress:
    """A user whose e-mail address breaks users_email_check."""

    id: str
    email: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """Everything that `plan` announces. `changed` names the tables that change for clients: "added" or "retyped".

    `referenced` are the tables that new foreign keys refer to, which a TRUNCATE without CASCADE can empty no more.
    """

    migrations: tuple[PlannedMigration, ...]
    changed: Mapping[str, str]
    referenced: tuple[str, ...]
    naive_columns: tuple[NaiveColumn, ...]
    foreign_zones: tuple[ForeignZone, ...]
    clients: tuple[Client, ...]
    bad_addresses: tuple[BadAddress, ...]
    bad_address_count: int


def forecast(url: str, to: str | None = None, *, folder: Path | None = None) -> Forecast:
    """What `up` would do here, and whom it would touch. Changes nothing.

    Raises:
        EditedMigration, BadInput, Unreachable: see `runner.plan`.
    """
    pending = runner.plan(url, to, folder=folder)
    by_id = {migration.id: migration for migration in discover(folder)}
    left = [(by_id[p.id], p.steps_done) for p in pending]
    text = "\n".join(step.sql for migration, done in left for step in migration.up[done:])
    with connect(url) as connection:
        rows = _rows(connection)
        changed = {table: how for table, how in locks.changed_columns(text).items() if table in rows}
        naive = _naive(connection, changed)
        zones = _foreign_zones(connection, url, {column.table for column in naive})
        addresses, count = _bad_addresses(connection, rows) if "users_email_check" in text else ((), 0)
        return Forecast(
            migrations=tuple(_planned(migration, done, rows, folder) for migration, done in left),
            changed=changed,
            referenced=tuple(table for table in locks.referenced(text) if table in rows),
            naive_columns=naive,
            foreign_zones=zones,
            clients=_clients(connection, changed),
            bad_addresses=addresses,
            bad_address_count=count,
        )


def _planned(migration: Migration, done: int, rows: Mapping[str, int], folder: Path | None) -> PlannedMigration:
    path = (folder or assets.path("sql", "migrations")) / f"{migration.id}_{migration.name}.up.sql"
    steps = tuple(
        PlannedStep(step.name, locks.derive(step.sql, rows), _moved(step, rows), step.transactional)
        for step in migration.up[done:]
    )
    return PlannedMigration(migration.id, migration.name, locks.declared(path.read_text(encoding="utf-8")), steps)


def _moved(step: Step, rows: Mapping[str, int]) -> int | None:
    if step.batches is not None:
        return rows.get(step.batches, 0)
    if not locks.moves_rows(step.sql):
        return None
    return max((rows[table] for table in locks.sources(step.sql) if table in rows), default=None)


def _rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    found = connection.execute(ledger.statement("plan_tables")).fetchall()
    return {name: size // BYTES_A_ROW if rows is None else rows for name, rows, size in found}


def _naive(connection: psycopg.Connection[Any], changed: Mapping[str, str]) -> tuple[NaiveColumn, ...]:
    found = connection.execute(ledger.statement("plan_naive_columns")).fetchall()
    return tuple(
        NaiveColumn(table, column, from_clock, _ahead_s(connection, table, column) if from_clock else None)
        for table, column, from_clock in found
        if changed.get(table) == "retyped"
    )


def _ahead_s(connection: psycopg.Connection[Any], table: str, column: str) -> float | None:
    query = sql.SQL("SELECT extract(epoch FROM max({}) - (now() AT TIME ZONE 'UTC'))::float8 FROM {}")
    row = connection.execute(query.format(sql.Identifier(column), sql.Identifier("public", table))).fetchone()
    return row[0] if row and row[0] is not None and row[0] > 0 else None


def _foreign_zones(connection: psycopg.Connection[Any], url: str, tables: Iterable[str]) -> tuple[ForeignZone, ...]:
    names = sorted(tables)
    if not names:
        return ()
    set_for = {(role, base): zone for role, base, zone in connection.execute(ledger.statement("plan_zones")).fetchall()}
    database = connection.info.dbname
    if (server := _zone_of_server(url)) is not None:
        set_for.setdefault((None, None), server)
    found = []
    for (role,) in connection.execute(ledger.statement("plan_writers"), {"tables": names}).fetchall():
        zone, source = _zone_of_role(set_for, role, database)
        if zone is not None and zone.lower() not in ZONES_OF_UTC:
            found.append(ForeignZone(role, zone, source, _mend(connection, role, database)))
    return tuple(found)


def _zone_of_role(
    set_for: Mapping[tuple[str | None, str | None], str], role: str, database: str
) -> tuple[str | None, str]:
    """The zone that a new session of the role gets, and the setting that gives it."""
    in_order = {
        (role, database): "the role in this database",
        (role, None): "the role",
        (None, database): "the database",
        (None, None): "the server",
    }  # the first one that is set wins
    return next(((set_for[key], source) for key, source in in_order.items() if key in set_for), (None, ""))


def _mend(connection: psycopg.Connection[Any], role: str, database: str) -> str:
    statement = sql.SQL("ALTER ROLE {} IN DATABASE {} SET timezone = 'UTC';")
    return statement.format(sql.Identifier(role), sql.Identifier(database)).as_string(connection)


def _zone_of_server(url: str) -> str | None:
    """The zone of a session that no setting of a role or database touches; None where this role cannot tell."""
    with psycopg.connect(url) as plain:
        row = plain.execute("SELECT setting, source FROM pg_settings WHERE name = 'TimeZone'").fetchone()
    known = ("default", "configuration file", "command line", "environment variable")
    return row[0] if row is not None and row[1] in known else None


def _clients(connection: psycopg.Connection[Any], changed: Mapping[str, str]) -> tuple[Client, ...]:
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(ledger.statement("plan_clients")).fetchall()
    return tuple(
        Client(
            row["application"],
            row["role"],
            row["connections"],
            row["oldest_transaction_s"],
            tuple(table for table in changed if re.search(rf"\b{re.escape(table)}\b", row["queries"] or "")),
            bool(_PARAMETER.search(row["queries"] or "")),
        )
        for row in found
    )


def _bad_addresses(connection: psycopg.Connection[Any], rows: Mapping[str, int]) -> tuple[tuple[BadAddress, ...], int]:
    if "users" not in rows:
        return (), 0
    found = connection.execute(ledger.statement("plan_bad_emails")).fetchall()
    return tuple(BadAddress(user, email) for user, email, _ in found), found[0][2] if found else 0
