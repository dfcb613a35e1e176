"""A run: a job over users, shard by shard; a user that fails is recorded and the others go on."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg
from adbc_driver_manager import Error as AdbcError
from polars.exceptions import PanicException

from insights import assets
from insights.db import insights as store
from insights.db import ledger, queries
from insights.db.connection import connect
from insights.db.derived import derive
from insights.errors import BadInput, Unreachable
from insights.llm.endpoint import Endpoint
from insights.pipeline.analytics import ShardResult, run_shard
from insights.pipeline.job import Job
from insights.pipeline.prompts import Library
from insights.pipeline.telling import Told, tell
from insights.zones import yesterday

Progress = Callable[[str, int, int], None]  # step, done, of
PASSING = ("40001", "40P01")  # serialization failure, deadlock
CONFLICTS_ENDURED = 4


@dataclass(slots=True)
class Report:
    """What a run has done."""

    run_id: UUID
    job: str
    as_of: list[date]
    users: int = 0
    sets: int = 0
    written: dict[str, dict[str, int]] = field(default_factory=dict)
    verdicts: dict[str, dict[str, int]] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    failures: list[tuple[UUID, str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "run_id": str(self.run_id),
            "job": self.job,
            "as_of": [day.isoformat() for day in self.as_of],
            "users": self.users,
            "sets": self.sets,
            "written": self.written,
            "verdicts": self.verdicts,
            "insights": asdict(self.told),
            "failures": [{"user_id": str(user), "stage": stage, "reason": why} for user, stage, why in self.failures],
        }


@dataclass(frozen=True, slots=True)
class Batch:
    """Users whose run ends with the same day."""

    as_of: date
    users: Sequence[UUID]


def run(
    url: str,
    job: Job,
    *,
    now: datetime,
    as_of: date | None = None,
    user_id: UUID | None = None,
    endpoint: Endpoint | None = None,
    dry_run: bool = False,
    progress: Progress = lambda *_: None,
) -> Report:
    """Run a job. Without `as_of`, each user's run ends with the user's own yesterday.

    Raises:
        Busy: the same job is running already on this database.
        Unreachable: the database cannot be reached.
    """
    with connect(url, autocommit=True) as connection, ledger.only_one(connection, job.name, user_id):
        batches = _batches(connection, now, as_of, user_id, job.shard_users)
        days = sorted({batch.as_of for batch in batches})
        parameters = {
            "user_id": str(user_id) if user_id else None,
            "dry_run": dry_run,
            "as_of": as_of.isoformat() if as_of else None,  # null: each user's yesterday
            "now": now.isoformat(),
        }
        last_day = days[-1] if days else as_of or now.date()
        ledger_run = ledger.start(connection, job.name, last_day, parameters)
        report = Report(ledger_run.id, job.name, days, failures=ledger_run.failures)
        try:
            if "analytics" in job.steps:
                _analytics(url, connection, ledger_run, batches, report, dry_run=dry_run, progress=progress)
            if "insights" in job.steps and not dry_run:
                _insights(connection, ledger_run, batches, report, job, endpoint, now, progress)
        except BaseException as error:
            ledger.finish(connection, ledger_run, error=repr(error))
            raise
        ledger_run.users, ledger_run.sets, ledger_run.verdicts = report.users, report.sets, report.verdicts
        ledger.finish(connection, ledger_run)
        return report


def find_user(url: str, user: str) -> UUID:
    """The id of the user with this id or e-mail.

    Raises:
        BadInput: there is none.
    """
    with connect(url) as connection:
        found = queries.rows(connection, "find_user", {"user": user})
    if not found:
        raise BadInput(f"there is no user {user}", hint="Give the user's id or e-mail as the table users has it.")
    return UUID(str(found[0]["id"]))


def _batches(
    connection: psycopg.Connection[Any], now: datetime, as_of: date | None, user_id: UUID | None, size: int
) -> list[Batch]:
    by_day: dict[date, list[UUID]] = defaultdict(list)
    for row in queries.rows(connection, "active_users", {"user_id": user_id}):
        by_day[as_of or yesterday(now, row["time_zone"])].append(row["id"])
    return [
        Batch(day, users[start : start + size])
        for day, users in sorted(by_day.items())
        for start in range(0, len(users), size)
    ]


def _analytics(
    url: str,
    connection: psycopg.Connection[Any],
    ledger_run: ledger.Run,
    batches: list[Batch],
    report: Report,
    *,
    dry_run: bool,
    progress: Progress,
) -> None:
    total, done = sum(len(batch.users) for batch in batches), 0
    shard = 0
    for batch in batches:
        # A shard that fails is cut into single users, so that one bad user does not take others along.
        pending = [list(batch.users)]
        while pending:
            users = pending.pop()
            try:
                if not dry_run:
                    derive(connection, users)
                result = _patiently(url, ledger_run, shard, users, as_of=batch.as_of, dry_run=dry_run)
            except Unreachable:
                raise  # not this user's fault, and true of all
            except (Exception, PanicException) as error:  # noqa: BLE001 - recorded by user, and the run goes on
                if len(users) == 1:
                    ledger.failed(connection, ledger_run, users[0], "analytics", f"{type(error).__name__}: {error}")
                else:
                    pending += [[user] for user in users]
                    continue
            else:
                _add(report, result)
            shard += 1
            done += len(users)
            progress("analytics", done, total)


def _patiently(
    url: str, ledger_run: ledger.Run, shard: int, users: list[UUID], *, as_of: date, dry_run: bool
) -> ShardResult:
    """The shard; once more where another transaction, of the app or of another job, came between."""
    for _ in range(CONFLICTS_ENDURED):
        try:
            return run_shard(url, ledger_run, shard, users, as_of=as_of, dry_run=dry_run)
        except AdbcError as error:
            if error.sqlstate not in PASSING:
                raise
    return run_shard(url, ledger_run, shard, users, as_of=as_of, dry_run=dry_run)


def _add(report: Report, result: ShardResult) -> None:
    report.users += result.users
    report.sets += result.sets
    for table, counts in result.written.items():
        into = report.written.setdefault(table, {"added": 0, "changed": 0, "removed": 0})
        for name, count in asdict(counts).items():
            into[name] += count
    for use, verdicts in result.verdicts.items():
        totals = report.verdicts.setdefault(use, {})
        for verdict, count in verdicts.items():
            totals[verdict] = totals.get(verdict, 0) + count


def _insights(
    connection: psycopg.Connection[Any],
    ledger_run: ledger.Run,
    batches: list[Batch],
    report: Report,
    job: Job,
    endpoint: Endpoint | None,
    now: datetime,
    progress: Progress,
) -> None:
    library = Library(assets.path("prompts"), job.insights.locale)
    failed = {user for user, _, _ in ledger_run.failures}
    total, done = sum(len(batch.users) for batch in batches), 0
    for batch in batches:
        users = [user for user in batch.users if user not in failed]
        told = tell(
            connection,
            store.readers(connection, users, now),
            as_of=batch.as_of,
            types=job.insights.types,
            library=library,
            endpoint=endpoint,
            on_failure=lambda user, error: ledger.failed(
                connection, ledger_run, user, "insights", f"{type(error).__name__}: {error}"
            ),
        )
        _merge(report.told, told)
        done += len(batch.users)
        progress("insights", done, total)


def _merge(into: Told, told: Told) -> None:
    for name, value in asdict(told).items():
        if isinstance(value, int):
            setattr(into, name, getattr(into, name) + value)
    for outcome, count in told.outcomes.items():
        into.outcomes[outcome] = into.outcomes.get(outcome, 0) + count
