"""`insights run`: a job over the users of a database."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from insights import settings as configuration
from insights.cli import context
from insights.cli.output import DatabaseOption, JsonOption, emit, note
from insights.db.embedded import database_url
from insights.errors import BadInput, SomeUsersFailed
from insights.pipeline import job as jobs
from insights.pipeline import run as runs


def command(
    job: Annotated[str, typer.Argument(help="nightly, backfill, regenerate, or a job file that ends in .toml.")],
    user: Annotated[str | None, typer.Option("--user", metavar="ID_OR_EMAIL", help="One user only.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DAY", help="The last day that counts; otherwise each user's yesterday."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Compute and compare, write nothing, ask no model.")
    ] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a job: bring the analytics up to date, then tell what is worth telling.

    Exit codes: 3 some users failed (each is recorded in analytics_failures), 4 the database or the endpoint could not
    be reached, 5 the same job is running already.

    Examples:

        insights run nightly

        insights run backfill

        insights run regenerate --user me@example.org

        insights run nightly --as-of 2025-09-16 --dry-run
    """
    what = jobs.read(job)
    if what.name == "regenerate" and user is None:
        raise BadInput("regenerate is for one user", hint="Name the user: insights run regenerate --user ID_OR_EMAIL")
    settings = configuration.load()
    url = database_url(settings, database)
    endpoint = context.endpoint(settings) if "insights" in what.steps and not dry_run else None
    with context.progress() as progress:
        report = runs.run(
            url,
            what,
            now=context.now(),
            as_of=context.day(as_of, "--as-of"),
            user_id=runs.find_user(url, user) if user is not None else None,
            endpoint=endpoint,
            dry_run=dry_run,
            progress=progress,
        )
    emit(
        report.as_json() | {"dry_run": dry_run}, as_json=as_json, render=lambda console: _show(console, report, dry_run)
    )
    if report.failures:
        raise SomeUsersFailed(
            f"{len(report.failures)} users failed", hint="See analytics_failures; the others are done."
        )


def _show(console: Console, report: runs.Report, dry_run: bool) -> None:
    days = ", ".join(day.isoformat() for day in report.as_of) or "no day"
    console.print(f"[bold]{report.job}[/] as of {days}: {report.users:,} users, {report.sets:,} sets")
    table = Table("table", "added", "changed", "removed", box=None, pad_edge=False)
    for name, counts in report.written.items():
        table.add_row(name, *(f"{counts[what]:,}" for what in ("added", "changed", "removed")))
    if report.written:
        console.print(table)
    told = report.told
    if told.wanted:
        console.print(
            f"insights: {told.wanted} wanted, {told.unchanged} unchanged, {told.by_rules} told by rules,"
            f" {told.by_model} worded by a model, {told.fallbacks} fallbacks; {told.calls} calls"
        )
    if dry_run:
        note("Nothing was written (--dry-run).")
