"""`insights demo`: from an empty machine to insights from a training log, with one command."""

from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from insights import settings as configuration
from insights.cli import context, demo_words, report
from insights.cli.demo_words import Lifter
from insights.cli.import_ import machine_zone
from insights.cli.output import JsonOption, emit, note
from insights.db import embedded, log_writer, migrate, queries
from insights.db import report as store
from insights.db.catalogue import Resolver, load_catalogue, shipped
from insights.db.connection import connect
from insights.errors import BadInput, SomeUsersFailed
from insights.files import Log, read_log
from insights.files.reading import Unit
from insights.pipeline import job as jobs
from insights.pipeline import run as runs
from insights.pipeline.summary import summarise
from insights.settings import Settings
from insights.simulate.store import Cohort, write_cohort

SIMULATED = {"lifters": 3, "weeks": 40, "seed": 1, "ugliness": 0.3}


def command(
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Your own export; otherwise three simulated lifters.")
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DAY", help="The last day that counts; otherwise the log's last day."),
    ] = None,
    unit: Annotated[Unit, typer.Option(help="The unit of the log's weights, if the file does not say it.")] = "auto",
    tz: Annotated[str | None, typer.Option("--tz", metavar="ZONE", help="Where the log was written.")] = None,
    quarantine: Annotated[bool, typer.Option("--quarantine", help="Use the good rows, keep the bad aside.")] = False,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.html", help="Where to write the report.")] = Path(
        "insights-report.html"
    ),
    database: Annotated[
        str | None,
        typer.Option(
            "--database", metavar="URL", help="Another database than the embedded one; it must hold no users."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Migrate, load a log, run the night, show the insights and write a report.

    Uses the embedded PostgreSQL and no other database, whatever DATABASE_URL says, unless --database names one.

    Examples:

        insights demo

        insights demo --csv hevy.csv

        insights demo --csv strong.csv --unit lb --tz America/New_York --as-of 2025-09-16 --json
    """
    report.check_writable(out)
    settings = configuration.load()
    last_day = context.day(as_of, "--as-of")
    log = read_log(csv, unit=unit, quarantine=quarantine) if csv else None
    endpoint = context.endpoint(settings)
    url = prepared(settings, database)
    if log is not None:
        user_ids = [_load_log(url, log, tz or machine_zone())]
        last_day = last_day or _last_day(log)
    else:
        user_ids, until = _load_simulated(url, last_day)
        last_day = last_day or until
    job = jobs.read("nightly")
    failures = []
    for user_id in user_ids:
        with context.progress() as progress:
            done = runs.run(
                url, job, now=context.now(), as_of=last_day, user_id=user_id, endpoint=endpoint, progress=progress
            )
        failures += done.failures
    lifters = [_told(url, user_id, last_day) for user_id in user_ids]
    report.write(url, user_ids[0], last_day, out, lifters[0].summary)
    told = demo_words.payload(lifters, last_day, log, out, endpoint is not None)
    emit(told, as_json=as_json, render=partial(demo_words.show, lifters=lifters, told=told))
    if failures:
        user, stage, reason = failures[0]
        raise SomeUsersFailed(f"{len(failures)} of the demo's users failed; the first: {user}, {stage}: {reason}")


def prepared(settings: Settings, database: str | None) -> str:
    """The URL of a database with the schema and the catalogue, fit for a demo.

    Raises:
        BadInput: it holds users that the demo did not make.
    """
    url = database or embedded.database_url(settings.model_copy(update={"database_url": None}))
    try:
        if database is not None:
            _refuse_others(url, "The demo keeps away from other people's data: name an empty database.")
        migrate.up(url)
    except migrate.EditedMigration:
        # Until 0.1.0 applied files may still change.
        _refuse_others(url, "Its schema is of another version: move the data, or undo it by hand.")
        note("The schema has changed since the last demo: its database is made anew.")
        _rebuild(url)
        migrate.up(url)
    with connect(url) as connection:
        load_catalogue(connection, shipped())
    return url


def _refuse_others(url: str, hint: str) -> None:
    with connect(url) as connection:
        exists = connection.execute("SELECT to_regclass('users'), to_regclass('engine_users')").fetchone()
        if exists is None or exists[0] is None:
            return
        name = "foreign_users" if exists[1] is not None else "all_users"
        users = queries.rows(connection, name)[0]["users"]
    if users:
        raise BadInput(f"the database holds {users} users that the demo did not make", hint=hint)


def _rebuild(url: str) -> None:
    with connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def _load_log(url: str, log: Log, time_zone: str) -> UUID:
    """Store a log under a user of its own: another file is another lifter, the same file the same."""
    with connect(url) as connection:
        user_id = log_writer.ensure_user(
            connection,
            email=f"log-{log.sha256[:12]}@demo.example",
            time_zone=time_zone,
            units="lb" if log.unit == "lb" else "kg",
            made_by="demo",
            name=log.file_name,
        )
        log_writer.write_log(
            connection,
            user_id=user_id,
            source=log.source,
            sets=log.sets,
            time_zone=time_zone,
            resolve=partial(Resolver(shipped()), connection, user_id),
            file=log_writer.FileFacts(log.file_name, log.sha256, log.unit, log.rows_read),
            rejected=[log_writer.SetAside(row.line, row.column, row.reason, row.raw) for row in log.rejected],
        )
    return user_id


def _last_day(log: Log) -> date:
    last = log.sets["session_start"].max()
    if last is None:
        raise BadInput(f"{log.file_name} holds no set that can be used")
    return date.fromisoformat(str(last)[:10])


def _load_simulated(url: str, until: date | None) -> tuple[list[UUID], date]:
    today = context.now().date()
    day = until or today - timedelta(days=today.weekday() + 1)  # the last Sunday: that week is closed
    with connect(url, autocommit=True) as connection:
        # A lifter has one history: the lifters of each last day are users of their own.
        written = write_cohort(connection, Cohort(until=day, label=f"demo-{day}", **SIMULATED))  # type: ignore[arg-type]
    return [UUID(user) for user in written.users], day


def _told(url: str, user_id: UUID, as_of: date) -> Lifter:
    with connect(url) as connection:
        insights = store.insights(connection, user_id, as_of)
    return Lifter(user_id, summarise(url, user_id, as_of), insights)
