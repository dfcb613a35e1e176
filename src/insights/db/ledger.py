"""The ledger of runs: what ran, when, over whom, with which verdicts, and who failed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import adbc_driver_postgresql.dbapi as adbc
import polars as pl
import psycopg
from psycopg.types.json import Jsonb

from insights import ids
from insights.db import load, queries
from insights.errors import Busy

LOCK_SPACE = ids.word("insights run") % (1 << 31)


@dataclass(slots=True)
class Run:
    """A run under way; what it has counted so far."""

    id: UUID
    job: str
    as_of: date
    users: int = 0
    sets: int = 0
    verdicts: dict[str, dict[str, int]] = field(default_factory=dict)
    failures: list[tuple[UUID, str, str]] = field(default_factory=list)


@contextmanager
def only_one(connection: psycopg.Connection[Any], job: str, user_id: UUID | None = None) -> Iterator[None]:
    """Hold the advisory lock of a job, or of a job for one user, for the length of the block.

    Raises:
        Busy: the same is running already on this database.
    """
    key = {"space": LOCK_SPACE, "job": ids.word(f"{job}/{user_id or ''}") % (1 << 31)}
    taken = connection.execute("SELECT pg_try_advisory_lock(%(space)s::int, %(job)s::int)", key).fetchone()
    if taken is None or not taken[0]:
        raise Busy(f"the job {job} is running already on this database", hint="Wait for it, or look at analytics_runs.")
    try:
        yield
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%(space)s::int, %(job)s::int)", key)


def start(connection: psycopg.Connection[Any], job: str, as_of: date, parameters: Mapping[str, Any]) -> Run:
    """Open the row of a run, under its lock. Rows that a killed run has left open are closed first."""
    run = Run(uuid4(), job, as_of)
    queries.run(connection, "close_lost_runs", {"job": job, "user_id": parameters["user_id"]})
    values = {"id": run.id, "job": job, "as_of": as_of, "parameters": Jsonb(dict(parameters))}
    queries.run(connection, "start_run", values)
    return run


def finish(connection: psycopg.Connection[Any], run: Run, *, error: str | None = None) -> None:
    """Close the row of a run with what it has counted."""
    values = {
        "id": run.id,
        "status": "failed" if error else "done",
        "users": run.users,
        "sets": run.sets,
        "verdict_counts": Jsonb(run.verdicts),
        "failed_users": len(run.failures),
        "error": error,
    }
    queries.run(connection, "finish_run", values)


def failed(connection: psycopg.Connection[Any], run: Run, user: UUID, stage: str, reason: str) -> None:
    """Record that a user failed; the run goes on."""
    run.failures.append((user, stage, reason))
    queries.run(connection, "record_failure", {"run_id": run.id, "user_id": user, "stage": stage, "reason": reason})


def record_shard(cursor: adbc.Cursor, run: Run, shard: int, *, users: int, sets: int, rows_written: str) -> None:
    """Record a finished shard in the transaction that wrote its rows."""
    row = pl.DataFrame(
        {"run_id": [run.id.bytes], "shard": [shard], "users": [users], "sets": [sets], "rows_written": [rows_written]}
    )
    load.append(cursor, "record_shard", row, ids=["run_id"])
