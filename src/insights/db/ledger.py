"""The ledger of runs: what ran, when, over whom, shard by shard, with which verdicts, and who failed.

A run plans its shards as rows. Whoever works claims a row, and settles it in the transaction that writes the shard's
results: after any kill the rows tell what is still to be done.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import adbc_driver_postgresql.dbapi as adbc
import polars as pl
import psycopg
from psycopg.types.json import Jsonb

from insights import assets, ids
from insights.db import columns, queries
from insights.errors import Busy, InsightsError

LOCK_SPACE = ids.word("insights run") % (1 << 31)
KILLS_ENDURED = 2  # a shard that has ended so many processes is dead
KILLED = f"{KILLS_ENDURED} processes that worked on this shard ended without a word"
FREE = ("now", "executor")  # parameters that a run may have otherwise when it is taken up again


class Settled(InsightsError):
    """Another process has settled the shard meanwhile; what was written here must not stay."""


Connection = psycopg.Connection[Any]
Failure = tuple[UUID, str, str]  # user, stage, reason
Counts = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Run:
    """A run under way."""

    id: UUID
    job: str
    as_of: date
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A shard as `claim` found it: `running` is ours to work on, `done` and `dead` are settled."""

    state: str
    as_of: date
    user_ids: tuple[UUID, ...]
    run: Run
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """How much of a run is settled."""

    shards: int
    users: int
    sets: int  # estimated
    settled_users: int
    settled_sets: int


@dataclass(frozen=True, slots=True)
class Totals:
    """What the shards of a run add up to."""

    users: int
    sets: int
    written: Counts  # table -> added, changed, removed -> rows
    verdicts: Counts  # use -> verdict -> sets
    failures: list[Failure]


@contextmanager
def only_one(connection: Connection, job: str, user_id: UUID | None = None) -> Iterator[None]:
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
        with suppress(psycopg.OperationalError):  # a connection that broke holds nothing
            connection.execute("SELECT pg_advisory_unlock(%(space)s::int, %(job)s::int)", key)


# The run ------------------------------------------------------------------------------------------------------------


def start(connection: Connection, job: str, as_of: date, parameters: Mapping[str, Any]) -> Run:
    """Open the row of a run, under its lock. Rows that a killed run has left open are closed first."""
    run = Run(uuid4(), job, as_of)
    queries.run(connection, "close_lost_runs", {"job": job, "user_id": parameters["user_id"]})
    values = {"id": run.id, "job": job, "as_of": as_of, "parameters": Jsonb(dict(parameters))}
    queries.run(connection, "start_run", values)
    return run


def take_up(connection: Connection, job: str, parameters: Mapping[str, Any], *, within_h: float) -> Run | None:
    """The newest run of this job, under its lock, if it ended before its work did; None: there is nothing to take up.

    It must have had the same parameters (`FREE` aside) and have given a sign of life in these last hours.
    """
    found = queries.rows(connection, "newest_run", {"job": job, "user_id": parameters["user_id"]})
    if not found or found[0]["status"] == "done" or found[0]["quiet_h"] > within_h:
        return None
    newest = found[0]
    if _bound(newest["parameters"]) != _bound(parameters):
        return None
    queries.run(connection, "resume_run", {"id": newest["id"]})
    return Run(newest["id"], job, newest["as_of"], resumed=True)


def _bound(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if name not in FREE}


def finish(connection: Connection, run: Run, *, dry_run: bool, some_users: bool) -> Totals:
    """Close the row of a run whose work is done, and let go of what only a resumed run needs.

    A dry run keeps no shards. A run over `some_users` keeps its users: nothing else could tell whom it was about.
    """
    totals = _totals(connection, run)
    with connection.transaction():
        _close(connection, run, totals, error=None)
        values = {"run_id": run.id, "dry_run": dry_run, "some_users": some_users}
        queries.run(connection, "forget_shards", values)
    return totals


def break_off(connection: Connection, run: Run, error: str) -> None:
    """Close the row of a run that an error has ended. The next run of the same kind takes it up."""
    _close(connection, run, _totals(connection, run), error=error)


def _close(connection: Connection, run: Run, totals: Totals, *, error: str | None) -> None:
    values = {
        "id": run.id,
        "status": "failed" if error else "done",
        "users": totals.users,
        "sets": totals.sets,
        "verdict_counts": Jsonb(totals.verdicts),
        "failed_users": len({user for user, _, _ in totals.failures}),
        "error": error,
    }
    queries.run(connection, "finish_run", values)


def _totals(connection: Connection, run: Run) -> Totals:
    values = {"run_id": run.id}
    return Totals(
        **queries.rows(connection, "run_totals", values)[0],
        written=_counts(queries.rows(connection, "run_written", values)),
        verdicts=_counts(queries.rows(connection, "run_verdicts", values)),
        failures=failures(connection, run),
    )


def _counts(rows: Sequence[queries.Row]) -> Counts:
    counts: Counts = {}
    for row in rows:
        counts.setdefault(row["name"], {})[row["what"]] = row["count"]
    return counts


def failures(connection: Connection, run: Run) -> list[Failure]:
    """Who has failed in a run so far: user, stage, reason."""
    found = queries.rows(connection, "run_failures", {"run_id": run.id})
    return [(row["user_id"], row["stage"], row["reason"]) for row in found]


def failed(connection: Connection, run: Run, user: UUID, stage: str, reason: str) -> None:
    """Record that a user failed; the run goes on."""
    queries.run(connection, "record_failure", {"run_id": run.id, "user_id": user, "stage": stage, "reason": reason})


# Its shards ---------------------------------------------------------------------------------------------------------


def used_zones(connection: Connection, user_id: UUID | None) -> list[str]:
    """The time zones of the users that a run may be about, as the app stores them."""
    return [row["time_zone"] for row in queries.rows(connection, "used_zones", {"user_id": user_id})]


def progress(connection: Connection, run: Run) -> Progress:
    """How much of a run is planned and settled."""
    return Progress(**queries.rows(connection, "shards_progress", {"run_id": run.id})[0])


def days(connection: Connection, run: Run) -> list[date]:
    """The last days of a run's shards, ascending."""
    return [row["as_of"] for row in queries.rows(connection, "run_days", {"run_id": run.id})]


def open_shards(connection: Connection, run: Run) -> list[int]:
    """The shards that are still to be done."""
    return [row["shard"] for row in queries.rows(connection, "open_shards", {"run_id": run.id})]


def members(connection: Connection, run: Run) -> Iterator[tuple[date, list[UUID]]]:
    """The last day and the users of every shard, one after the other."""
    last = 0
    while found := queries.rows(connection, "next_shard", {"run_id": run.id, "after": last}):
        last = found[0]["shard"]
        yield found[0]["as_of"], found[0]["user_ids"]


def claim(connection: Connection, run_id: UUID, shard: int) -> Claim:
    """Begin a shard. One that has ended `KILLS_ENDURED` processes is settled as dead, and its users have failed.

    Raises:
        InsightsError: this database has no such run or shard.
    """
    values = {"run_id": run_id, "shard": shard, "kills_endured": KILLS_ENDURED, "reason": KILLED}
    found = queries.rows(connection, "claim_shard", values)
    if not found:
        raise InsightsError(
            f"this database has no shard {shard} of run {run_id}",
            hint="The DATABASE_URL of every worker must name the database of the run.",
        )
    row = found[0]
    run = Run(run_id, row["job"], row["run_as_of"])
    return Claim(row["status"], row["as_of"], tuple(row["user_ids"] or ()), run, row["parameters"])


def record_shard(
    cursor: adbc.Cursor, run: Run, shard: int, *, users: int, sets: int, rows_written: str, verdicts: str
) -> None:
    """Settle a shard in the transaction that wrote its rows. `rows_written` and `verdicts` are JSON.

    Raises:
        Settled: another process was faster.
    """
    row = pl.DataFrame(
        {
            "run_id": [run.id.bytes],
            "shard": [shard],
            "users": [users],
            "sets": [sets],
            "rows_written": [rows_written],
            "verdicts": [verdicts],
        }
    )
    columns.stage(cursor, "staged_rows", row, ids=["run_id"])
    if columns.fetch(cursor, assets.text("sql", "queries", "record_shard.sql")).is_empty():
        raise Settled(f"shard {shard} of run {run.id} is settled already")


def record_dry_shard(
    connection: Connection, run: Run, shard: int, *, sets: int, written: Counts, verdicts: Counts
) -> None:
    """Settle a shard of which nothing was kept."""
    values = {"run_id": run.id, "shard": shard, "sets": sets}
    values |= {"rows_written": Jsonb(written), "verdicts": Jsonb(verdicts)}
    queries.run(connection, "record_dry_shard", values)


def split(connection: Connection, run: Run, shard: int) -> tuple[int, ...]:
    """Replace a shard by its two halves; their numbers."""
    with connection.transaction():
        queries.rows(connection, "lock_run", {"run_id": run.id})
        found = queries.rows(connection, "split_shard", {"run_id": run.id, "shard": shard})
    return tuple(row["shard"] for row in found)


def bury(connection: Connection, run: Run, shard: int, user: UUID, reason: str) -> None:
    """Settle the shard of a user who failed."""
    with connection.transaction():
        if queries.run(connection, "bury_shard", {"run_id": run.id, "shard": shard, "reason": reason}):
            failed(connection, run, user, "analytics", reason)
