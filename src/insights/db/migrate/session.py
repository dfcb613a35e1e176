"""The one connection that migrates a database: its lock, its time-outs, and one step with its retries."""

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import psycopg
from psycopg import errors, sql

from insights.db.connection import connect
from insights.db.migrate import ledger
from insights.db.migrate.backfill import FIRST_BATCH, Backfill
from insights.db.migrate.files import Migration, Step
from insights.errors import BadInput, Busy, InsightsError, Unreachable

LOCK_KEY = 0x1951_6115_6D16_7A7E  # any constant will do, as long as every version of the runner has the same
OLDEST_SERVER = 150000
LOCK_TIMEOUT = "200ms"  # how long clients may queue behind a statement of ours that waits for its lock
POLL_S = 0.1
LONGEST_PAUSE_S = 2.0
BUSY = (errors.LockNotAvailable, errors.DeadlockDetected)
_BUILDS_INDEX = re.compile(r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+IF\s+NOT\s+EXISTS\s+(\w+)", re.IGNORECASE)


class MigrationFailed(InsightsError):
    """A step failed. Nothing of it was kept; the steps before it stand."""


@dataclass(frozen=True, slots=True)
class Event:
    """What the runner does at this moment; `step` counts from 1.

    A step in batches tells after each how many rows are done, and about how many there are (None: nobody has counted).
    """

    kind: Literal["start", "retry", "batch", "done"]
    direction: Literal["up", "down"]
    id: str
    name: str
    step: int
    steps: int
    step_name: str
    rows: int | None = None
    rows_estimated: int | None = None


OnStep = Callable[[Event], None]
Done = TypeVar("Done")


class Patience:
    """Jittered pauses between attempts at a lock that others hold, until `patience_s` seconds are over."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._deadline = time.monotonic() + patience_s
        self._pause_s = POLL_S

    def wait(self, error: psycopg.Error, where: str, on_retry: Callable[[], None]) -> None:
        """Pause after an attempt that `error` ended.

        Raises:
            Busy: the time is over.
        """
        if time.monotonic() > self._deadline:
            raise Busy(
                f"{where}: others held its locks for {self._patience_s:g} s",
                hint="Look for long transactions in pg_stat_activity, then run it again: it goes on from here.",
            ) from error
        on_retry()
        time.sleep(self._pause_s * random.uniform(0.5, 1))  # noqa: S311 - jitter: two waiters must not meet again
        self._pause_s = min(self._pause_s * 1.5, LONGEST_PAUSE_S)


@dataclass(slots=True)
class Session:
    """A connection in autocommit that holds the lock of its database."""

    connection: psycopg.Connection[Any]
    on_step: OnStep
    patience_s: float
    first_batch: int = FIRST_BATCH

    def run(self, migration: Migration, direction: Literal["up", "down"], number: int) -> float:
        """Run step `number` (from 1) and count it in the ledger; the seconds that it took.

        Raises:
            MigrationFailed: the database refused the step.
            Busy: others held its locks for longer than the session's patience.
            Unreachable: the connection was lost.
        """
        steps = migration.up if direction == "up" else migration.down
        step = steps[number - 1]

        def count(seconds: float) -> None:
            if direction == "up":
                ledger.save_up_step(self.connection, migration, number, seconds)
            else:
                ledger.save_down_step(self.connection, migration, number)

        tell = self._teller(migration, direction, number)
        tell("start")
        where = f"{migration.id} {migration.name}, {direction}, step {number} of {len(steps)} ({step.name})"
        seconds = 0.0
        if step.batches is None:
            seconds = self.patiently(lambda: self._once(step, count), where, lambda: tell("retry"))
        else:
            seconds, _ = self._in_batches(self._backfill(migration, number), where, tell)
            count(0.0)  # each batch has counted its own
        tell("done")
        return seconds

    def _teller(self, migration: Migration, direction: Literal["up", "down"], number: int) -> Callable[..., None]:
        steps = migration.up if direction == "up" else migration.down

        def tell(kind: Literal["start", "retry", "batch", "done"], *rows: int | None) -> None:
            name = steps[number - 1].name
            self.on_step(Event(kind, direction, migration.id, migration.name, number, len(steps), name, *rows))

        return tell

    def _backfill(self, migration: Migration, number: int) -> Backfill:
        def keep(cursor: ledger.Cursor, seconds: float) -> None:
            ledger.save_batch(self.connection, migration, number, cursor, seconds)

        start = ledger.read_cursor(self.connection, migration, number)
        return Backfill(self.connection, migration.up[number - 1], self.first_batch, start, keep)

    def repeat(self, migration: Migration, number: int) -> int:
        """Run up step `number`, which goes in batches and stands already, over every row again; how many rows."""
        tell = self._teller(migration, "up", number)
        where = f"{migration.id} {migration.name}, step {number} again"
        tell("start")
        done = self._in_batches(Backfill(self.connection, migration.up[number - 1], self.first_batch), where, tell)
        tell("done")
        return done[1]

    def _in_batches(self, backfill: Backfill, where: str, tell: Callable[..., None]) -> tuple[float, int]:
        seconds, rows = 0.0, 0
        estimated = ledger.scalar(self.connection, "estimate_rows", {"table": backfill.table})
        patience = Patience(self.patience_s)
        while True:
            try:
                batch = backfill.next()
            except BUSY as error:
                patience.wait(error, where, lambda: tell("retry"))
            except psycopg.Error as error:
                raise self.failure(error, where) from error
            else:
                if batch is None:
                    return seconds, rows
                patience = Patience(self.patience_s)
                seconds, rows = seconds + batch.seconds, batch.cursor.rows
                tell("batch", rows, estimated)

    def patiently(self, act: Callable[[], Done], where: str, on_retry: Callable[[], None]) -> Done:
        """What `act` gives, tried again with jittered pauses for as long as others hold its locks.

        Raises:
            MigrationFailed: the database refused it.
            Busy: others held its locks for longer than the session's patience.
            Unreachable: the connection was lost.
        """
        patience = Patience(self.patience_s)
        while True:
            try:
                return act()
            except BUSY as error:
                patience.wait(error, where, on_retry)
            except psycopg.Error as error:
                raise self.failure(error, where) from error

    def _once(self, step: Step, count: Callable[[float], None]) -> float:
        started = time.monotonic()
        if step.transactional:
            with self.connection.transaction():
                execute(self.connection, step.sql)
                seconds = time.monotonic() - started
                count(seconds)
            return seconds
        self._drop_invalid_index(step)
        # A concurrent build only ever waits: nobody queues behind it, and a time-out would leave an invalid index.
        self.set("lock_timeout", "0")
        execute(self.connection, step.sql)
        self.set("lock_timeout", LOCK_TIMEOUT)
        seconds = time.monotonic() - started
        count(seconds)
        return seconds

    def set(self, setting: str, value: str) -> None:
        """Change a setting of the server for the rest of the session."""
        self.connection.execute("SELECT set_config(%s, %s, false)", (setting, value))

    def _drop_invalid_index(self, step: Step) -> None:
        match = _BUILDS_INDEX.search(step.sql)
        if match and ledger.scalar(self.connection, "invalid_index", {"name": match[1]}):
            self.connection.execute(sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(match[1])))

    def failure(self, error: psycopg.Error, where: str) -> InsightsError:
        """The error of ours for one of the database's."""
        if self.connection.broken:
            return Unreachable(f"{where}: the connection was lost", hint="Run it again: it goes on from here.")
        reason = error.diag.message_primary or str(error).strip()
        detail = f" ({error.diag.message_detail})" if error.diag.message_detail else ""
        hint = error.diag.message_hint or "Nothing of this step was kept. Mend the cause and run it again."
        return MigrationFailed(f"{where}: {reason}{detail}", hint=hint)


def execute(connection: psycopg.Connection[Any], text: str) -> None:
    """Run the SQL of one of our files, which may be several statements."""
    connection.execute(text.encode(), prepare=False)


@contextmanager
def session(url: str, on_step: OnStep | None, patience_s: float, first_batch: int = FIRST_BATCH) -> Iterator[Session]:
    """The session that may migrate the database; others wait for their turn until it ends.

    Raises:
        Unreachable: the server does not answer.
        BadInput: the server is older than PostgreSQL 15.
        Busy: another runner held the lock for longer than `patience_s` seconds.
    """
    with connect(url, autocommit=True) as connection:
        check_server(connection)
        runner = Session(connection, on_step or (lambda _: None), patience_s, first_batch)
        runner.set("lock_timeout", LOCK_TIMEOUT)
        runner.set("statement_timeout", "0")
        runner.set("insights.sync", "forward")  # what the runner writes is never carried back to the legacy tables
        _take_lock(connection, patience_s)
        ledger.create(connection)
        yield runner


def check_server(connection: psycopg.Connection[Any]) -> None:
    """Refuse a server that the migrations were not written for.

    Raises:
        BadInput: the server is older than PostgreSQL 15.
    """
    if connection.info.server_version < OLDEST_SERVER:
        major = connection.info.server_version // 10000
        raise BadInput(f"the server is PostgreSQL {major}; 15 or newer is needed")


def _take_lock(connection: psycopg.Connection[Any], patience_s: float) -> None:
    deadline = time.monotonic() + patience_s
    while not ledger.scalar(connection, "try_lock", {"key": LOCK_KEY}):
        if time.monotonic() > deadline:
            holder = connection.execute(ledger.statement("lock_holder"), {"key": LOCK_KEY}).fetchone()
            who = f" (server process {holder[0]}, since {holder[3]:%H:%M:%S} UTC)" if holder and holder[3] else ""
            raise Busy(f"another runner is migrating this database{who}", hint="Wait for it to end, then try again.")
        time.sleep(POLL_S)
