"""A step in batches: one range of ids after another, at a pace that no client of the database feels.

A batch and its cursor are one transaction. It takes locks on source rows (FOR KEY SHARE, or those of an UPDATE), so it
must be short: the number of rows adapts towards TARGET_S. A batch that has to wait gives up soon, for while it waits
the app may be waiting for the rows that it holds already; the next attempt is smaller.

A row that no batch can carry over, for a reason that its migration did not foresee, is kept aside by itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg import errors, sql

from insights.db.migrate import ledger
from insights.db.migrate.files import Step
from insights.db.migrate.ledger import Cursor

FIRST_BATCH = 3000  # rows
LARGEST = 20_000
TARGET_S = 0.2
LOCK_TIMEOUT = "100ms"  # of a batch, which holds locks while it waits


@dataclass(frozen=True, slots=True)
class Batch:
    """A range of ids, both included, and how many rows it had when it was chosen."""

    first: UUID
    last: UUID
    rows: int


@dataclass(frozen=True, slots=True)
class Done:
    """A batch that stands: the cursor after it, and the seconds that it took."""

    cursor: Cursor
    seconds: float


@dataclass(slots=True)
class Pace:
    """How many rows the next batch has."""

    rows: int

    def went(self, rows: int, seconds: float) -> None:
        """Learn from a batch: at most twice as many rows as before, at least half as many."""
        wanted = rows * TARGET_S / max(seconds, 0.001)
        self.rows = max(int(min(max(wanted, self.rows / 2), self.rows * 2, LARGEST)), 1)

    def halve(self, rows: int) -> None:
        """A batch had to wait, or one of its rows cannot be carried over."""
        self.rows = max(rows // 2, 1)


class Backfill:
    """A step at work. `keep` saves the cursor in a batch's own transaction, with the seconds that the batch took."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        step: Step,
        first_batch: int = FIRST_BATCH,
        start: Cursor | None = None,
        keep: Callable[[Cursor, float], None] = lambda _cursor, _seconds: None,
    ) -> None:
        assert step.batches is not None
        self._connection = connection
        self._sql = step.sql.encode()
        self.table = step.batches
        self._pace = Pace(first_batch)
        self._cursor = start
        self._keep = keep

    def next(self) -> Done | None:
        """Do the next batch; None where no rows are left.

        Raises:
            psycopg.Error: it was refused. Where it had to wait, the next attempt is smaller.
        """
        while batch := self._choose():
            after = Cursor(batch.last, (self._cursor.rows if self._cursor else 0) + batch.rows)
            try:
                seconds = self._run(batch, after)
            except (errors.LockNotAvailable, errors.DeadlockDetected):
                self._pace.halve(batch.rows)
                raise
            except (errors.DataError, errors.IntegrityError) as error:
                if batch.rows > 1:
                    self._pace.halve(batch.rows)
                    continue
                seconds = self._set_aside(batch, after, error)
            self._pace.went(batch.rows, seconds)
            self._cursor = after
            return Done(after, seconds)
        return None

    def _choose(self) -> Batch | None:
        name, after = ("next_batch", self._cursor.id) if self._cursor else ("first_batch", None)
        query = sql.SQL(ledger.text(name)).format(table=sql.Identifier(self.table))
        found = self._connection.execute(query, {"after": after, "rows": self._pace.rows}).fetchone()
        return Batch(*found) if found and found[2] else None

    def _run(self, batch: Batch, after: Cursor) -> float:
        started = time.monotonic()
        with self._connection.transaction():
            self._connection.execute("SELECT set_config('lock_timeout', %s, true)", (LOCK_TIMEOUT,))
            with psycopg.RawCursor(self._connection) as cursor:
                cursor.execute(self._sql, (batch.first, batch.last), prepare=False)
            seconds = time.monotonic() - started
            self._keep(after, seconds)
        return seconds

    def _set_aside(self, batch: Batch, after: Cursor, error: psycopg.Error) -> float:
        query = sql.SQL(ledger.text("keep_aside")).format(table=sql.Identifier(self.table))
        reason = error.diag.message_primary or str(error)
        values = {"table": self.table, "id": batch.first, "sqlstate": error.sqlstate, "reason": reason}
        with self._connection.transaction():
            self._connection.execute(query, values)
            self._keep(after, 0.0)
        return TARGET_S / 2  # as if it had been quick: the next batches grow again
