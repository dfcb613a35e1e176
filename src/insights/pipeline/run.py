"""A run: a job over users, shard by shard; a user that fails is recorded and the others go on.

A run that ends before its work does, however it ends, is taken up by the next of the same kind.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from insights import __version__
from insights.db import changes, ledger, queries, shard_plan
from insights.db.connection import connect
from insights.errors import BadInput
from insights.files import parquet
from insights.llm.endpoint import Endpoint
from insights.pipeline import executor
from insights.pipeline.crews import Crew
from insights.pipeline.job import Job
from insights.pipeline.planning import Terms, terms_of
from insights.pipeline.telling import Told, estimate, tell
from insights.zones import yesterday

Progress = Callable[[str, int, int], None]  # step, done, of


@dataclass(slots=True)
class Report:
    """What a run has done."""

    run_id: UUID
    job: str
    as_of: list[date]
    users: int = 0
    sets: int = 0
    shards: int = 0
    resumed: bool = False
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
            "shards": self.shards,
            "resumed": self.resumed,
            "written": self.written,
            "verdicts": self.verdicts,
            "insights": self.told.as_json(),
            "failures": [{"user_id": str(user), "stage": stage, "reason": why} for user, stage, why in self.failures],
        }


@dataclass(frozen=True, slots=True)
class Scope:
    """What a run is about, as it was asked for."""

    now: datetime
    as_of: date | None = None  # None: each user's run ends with the user's own yesterday
    user_id: UUID | None = None
    since: date | None = None  # only users with a session from this day on
    until: date | None = None  # ... and up to this one
    dry_run: bool = False
    files: tuple[Path, ...] = ()  # where the sets come from, if not from the database

    def parameters(self, job: Job) -> dict[str, Any]:
        """What the ledger keeps. A run is taken up again only where all but the clock and the executor is the same."""
        return {
            "user_id": str(self.user_id) if self.user_id else None,
            "dry_run": self.dry_run,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "since": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "version": __version__,
            "job": job.model_dump(mode="json", exclude={"description", "executor"}),
            "files": [str(path.resolve()) for path in self.files],
            "executor": job.executor,
            "now": self.now.isoformat(),
        }


def run(
    url: str,
    job: Job,
    *,
    now: datetime,
    as_of: date | None = None,
    user_id: UUID | None = None,
    since: date | None = None,
    until: date | None = None,
    endpoint: Endpoint | None = None,
    dry_run: bool = False,
    files: Sequence[Path] = (),
    progress: Progress = lambda *_: None,
) -> Report:
    """Run a job. Without `as_of`, each user's run ends with the user's own yesterday.

    `since` and `until` choose users, those with a session in these days, and never days: the rows of a user belong to
    one state of the user's log. With `files` (see `files.parquet`) their sets are those of the users in them; the job's
    source must be "sets", and every worker must see the files under the same paths.

    Raises:
        BadInput: the files cannot be used, or hold sets of users whom this database does not have.
        Busy: the same job is running already on this database.
        Unreachable: the database or the cluster cannot be reached. The next run takes this one up.
        BadSettings: nobody knows what the endpoint's model costs, or the job asks in batches and it has none.
    """
    terms = terms_of(job, endpoint, now)
    scope = Scope(now, as_of, user_id, since, until, dry_run, tuple(files))
    with (
        connect(url, autocommit=True) as connection,
        ledger.only_one(connection, job.name, user_id),
        ExitStack() as opened,
    ):
        # who works on the shards gets ready while they are planned
        crew = opened.enter_context(executor.crew(job.executor, url)) if "analytics" in job.steps else None
        if not dry_run:
            changes.resolve(connection)
        this = _take_up(connection, job, scope) or _begin(connection, job, scope)
        told = Told()
        with _recorded(connection, this):
            if crew is not None:
                with opened.pop_all():
                    _analytics(crew, connection, this, progress)
            if "insights" in job.steps:
                told = _insights(url, connection, this, terms, progress, dry_run=dry_run)
            planned = ledger.progress(connection, this)
            days = ledger.days(connection, this)
            some_users = any((since, until, files, job.look_back_days))
            totals = ledger.finish(connection, this, dry_run=dry_run, some_users=some_users)
    return Report(
        run_id=this.id,
        job=job.name,
        as_of=days,
        users=totals.users,
        sets=totals.sets,
        shards=planned.shards,
        resumed=this.resumed,
        written=totals.written,
        verdicts=totals.verdicts,
        told=told,
        failures=totals.failures,
    )


@contextmanager
def _recorded(connection: ledger.Connection, this: ledger.Run) -> Iterator[None]:
    """Record in the ledger what ends the run early. If that cannot be recorded, the error itself still stands."""
    try:
        yield
    except BaseException as error:
        with suppress(psycopg.Error):
            ledger.break_off(connection, this, repr(error))
        raise


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


def _take_up(connection: ledger.Connection, job: Job, scope: Scope) -> ledger.Run | None:
    if scope.dry_run:
        return None
    return ledger.take_up(connection, job.name, scope.parameters(job), within_h=job.resume_within_h)


def _begin(connection: ledger.Connection, job: Job, scope: Scope) -> ledger.Run:
    """Open a new run and plan its shards, both or neither."""
    zones = ledger.used_zones(connection, scope.user_id)
    days = {zone: scope.as_of or yesterday(scope.now, zone) for zone in zones}
    last_day = max(days.values(), default=scope.as_of or scope.now.date())
    since = scope.since
    if job.look_back_days is not None:
        earliest = min(days.values(), default=last_day) - timedelta(days=job.look_back_days)
        since = max(since or earliest, earliest)
    selection = shard_plan.Selection(
        days,
        scope.user_id,
        since,
        scope.until,
        in_days=scope.since is not None or scope.until is not None,
        from_changes=job.source == "changes",
        shard_users=job.shard_users,
        shard_sets=job.shard_sets,
    )
    with connection.transaction():
        this = ledger.start(connection, job.name, last_day, scope.parameters(job))
        if scope.files:
            shard_plan.plan_files(connection, this, selection, _file_users(connection, scope.files))
        else:
            shard_plan.plan(connection, this, selection)
    return this


def _file_users(connection: ledger.Connection, paths: Sequence[Path]) -> list[tuple[UUID, int]]:
    users = parquet.shared([path.resolve() for path in paths]).users()
    unknown = queries.rows(connection, "unknown_users", {"user_ids": [user for user, _ in users]})
    if unknown:
        raise BadInput(
            f"the files hold sets of {len(unknown)} users whom this database does not have, such as {unknown[0]['id']}",
            hint="Users and exercises must be in the database; only the sets come from files.",
        )
    return users


def _analytics(crew: Crew, connection: ledger.Connection, this: ledger.Run, progress: Progress) -> None:
    def tell_progress() -> None:
        found = ledger.progress(connection, this)
        if found.sets:
            progress("analytics (sets)", found.settled_sets, found.sets)
        else:
            progress("analytics", found.settled_users, found.users)

    tell_progress()
    executor.drive(crew, this.id, ledger.open_shards(connection, this), tell_progress)


def _insights(
    url: str, connection: ledger.Connection, this: ledger.Run, terms: Terms, progress: Progress, *, dry_run: bool
) -> Told:
    """Tell the users of the run; in a dry run only what it would ask and cost."""
    failed = {user for user, _, _ in ledger.failures(connection, this)}
    total, done = ledger.progress(connection, this).users, 0

    def on_users(count: int) -> None:
        nonlocal done
        done += count
        progress("insights", min(done, total), total)

    def on_failure(user: UUID, error: Exception) -> None:
        ledger.failed(connection, this, user, "insights", f"{type(error).__name__}: {error}")

    who = ((as_of, [user for user in users if user not in failed]) for as_of, users in ledger.members(connection, this))
    if dry_run:
        return estimate(url, who, terms=terms)
    return tell(url, who, terms=terms, on_failure=on_failure, on_users=on_users)
