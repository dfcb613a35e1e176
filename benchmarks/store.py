"""Writes the simulated years into a migrated database by COPY, as fast as the server takes them.

made = make(url, Plan(sets=5_000_000))                     five years
made = make(url, Plan(sets=5_000_000), last_days=364)      the last year of the very same lifters
add_day(url, made)                                         one more day of training for each of them
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import polars as pl
import psycopg
from psycopg import sql

from benchmarks.data import Plan, Rows, histories, lifters, newest_session, on_another_day, user_id_of, user_rows
from insights.catalogue import Catalogue
from insights.db import queries
from insights.db.catalogue import ensure_custom_exercise, load_catalogue, shipped
from insights.db.connection import connect
from insights.simulate import Lifter

LIFTERS_AT_ONCE = 16

Progress = Callable[[str, int, int], None]  # step, done, of
Connection = psycopg.Connection[Any]

# Their plain indexes are dropped before the COPY and made again at the end.
TABLES = ("workouts", "workout_blocks", "workout_block_exercises", "workout_sessions", "exercise_performances",
          "set_executions")  # fmt: skip


@dataclass(slots=True)
class Made:
    """What was written."""

    plan: Plan
    users: list[UUID] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    newest: list[tuple[str, Rows]] = field(default_factory=list, repr=False)  # of each user: zone, newest session

    @property
    def sets(self) -> int:
        """How many sets."""
        return self.rows.get("set_executions", 0)


def make(url: str, plan: Plan, *, last_days: int | None = None, progress: Progress = lambda *_: None) -> Made:
    """Fill an empty, migrated database. With `last_days`, only that much of each lifter's time is kept.

    Foreign keys and triggers are not asked (session_replication_role), because the rows are whole; the tables end up
    vacuumed and analysed, their indexes in place and the log of changes empty, as those of a database in use.
    """
    return make_all(plan, {url: last_days}, progress=progress)[url]


def make_all(plan: Plan, places: Mapping[str, int | None], *, progress: Progress = lambda *_: None) -> dict[str, Made]:
    """`make` for several databases, URL -> last_days, with the same lifters, who are simulated once."""
    with ExitStack() as stack:
        fillers = [stack.enter_context(_filler(url, plan, last_days)) for url, last_days in places.items()]
        simulated = lifters(plan)
        while chunk := list(islice(simulated, LIFTERS_AT_ONCE)):
            for filler in fillers:
                filler.add_users(chunk)
            resolve = _Resolver([filler.connection for filler in fillers])
            starts = [filler.since for filler in fillers]
            trained = [list(histories(lifter, user_id_of(lifter), resolve, starts)) for lifter in chunk]
            for number, filler in enumerate(fillers):
                filler.add(chunk, [rows[number] for rows in trained])
            progress("data", fillers[0].made.sets, plan.sets)
    return {url: filler.made for url, filler in zip(places, fillers, strict=True)}


@dataclass(slots=True)
class _Filler:
    """One database and what has been written into it. It takes a chunk while the next lifters are simulated."""

    connection: Connection
    writer: ThreadPoolExecutor
    since: date | None
    made: Made
    waiting: Future[None] | None = None

    def add_users(self, chunk: Sequence[Lifter]) -> None:
        """Write the lifters themselves, who may then get exercises of their own over this connection."""
        self.wait()
        _copy_all(self.connection, [user_rows(lifter, user_id_of(lifter)) for lifter in chunk])

    def add(self, chunk: Sequence[Lifter], trained: Sequence[Rows]) -> None:
        """Begin to write their training."""
        for lifter, tables in zip(chunk, trained, strict=True):
            self.made.users.append(user_id_of(lifter))
            self.made.newest.append((lifter.time_zone, newest_session(tables)))
            for name, table in tables.items():
                self.made.rows[name] = self.made.rows.get(name, 0) + table.height
        self.waiting = self.writer.submit(_copy_all, self.connection, trained)

    def wait(self) -> None:
        """Wait for what is being written."""
        if self.waiting:
            self.waiting.result()


@contextmanager
def _filler(url: str, plan: Plan, last_days: int | None) -> Iterator[_Filler]:
    began = time.monotonic()
    since = plan.until - timedelta(days=last_days - 1) if last_days else None
    with connect(url) as connection:
        load_catalogue(connection, shipped())
    with connect(url) as connection, ThreadPoolExecutor(max_workers=1) as writer:
        connection.execute("SET session_replication_role = replica")
        indexes = _drop_indexes(connection)
        filler = _Filler(connection, writer, since, Made(plan))
        yield filler
        filler.wait()
        for statement in indexes:
            connection.execute(statement)
    _settle(url, filler.made)
    filler.made.seconds = time.monotonic() - began


def add_day(url: str, made: Made, number: int = 1) -> tuple[date, int]:
    """One more session for each lifter, `number` days after the last, as the app would insert it: triggers fire.

    Returns the day and the number of sets.
    """
    day = made.plan.until + timedelta(days=number)
    rows = [on_another_day(session, zone, day, seed) for seed, (zone, session) in enumerate(made.newest)]
    with connect(url) as connection:
        _copy_all(connection, rows)
        queries.run(connection, "derive_session_context", {"user_ids": made.users})
    return day, sum(tables["set_executions"].height for tables in rows)


class _Resolver:
    """The exercise of a user's title: the catalogue's, looked up once, or one of the user's own, made where missing."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._connections = connections
        self._catalogue: Catalogue = shipped()

    def __call__(self, user_id: UUID, title: str) -> UUID:
        match = self._catalogue.resolve(title)
        if match:
            return match.lift.id
        (own,) = {ensure_custom_exercise(connection, user_id, title) for connection in self._connections}
        return own


def _copy_all(connection: Connection, rows: Iterable[Rows]) -> None:
    gathered: dict[str, list[pl.DataFrame]] = {}
    for tables in rows:
        for name, table in tables.items():
            gathered.setdefault(name, []).append(table)
    for name, parts in gathered.items():
        _copy(connection, name, pl.concat(parts))


def _copy(connection: Connection, table: str, rows: pl.DataFrame) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, rows.columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(rows.write_csv(include_header=False, quote_style="non_numeric"))


def _drop_indexes(connection: Connection) -> list[str]:
    """Drop the plain indexes of the training tables; the statements that make them again."""
    found = connection.execute(
        "SELECT c.oid::regclass::text, pg_get_indexdef(c.oid)"
        " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid"
        " WHERE i.indrelid = ANY (%s::regclass[]) AND NOT i.indisunique",
        (list(TABLES),),
    ).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.SQL(name)))
    return [definition for _, definition in found]


def _settle(url: str, made: Made) -> None:
    with connect(url) as connection:
        queries.run(connection, "derive_session_context", {"user_ids": made.users})
        connection.execute("TRUNCATE analytics_changes, engine_changes")  # the app's derived columns are as defined
    with connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")
