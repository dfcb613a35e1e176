"""`insights run`: a job over the users of a database."""

from pathlib import Path
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
from insights.pipeline.spending import Estimate


def command(
    job: Annotated[str, typer.Argument(help="nightly, backfill, regenerate, or a job file that ends in .toml.")],
    user: Annotated[str | None, typer.Option("--user", metavar="ID_OR_EMAIL", help="One user only.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DAY", help="The last day that counts; otherwise each user's yesterday."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="Only users with a session on this day or later.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="Only users with a session on this day or earlier.")
    ] = None,
    executor: Annotated[
        str | None,
        typer.Option("--executor", metavar="URL", help="inline:N, local:N, dask://HOST:PORT, dasks://HOST:PORT."),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option(
            "--from", metavar="FILE", help="Sets from Parquet or CSV files, not the database. May be repeated."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Compute and compare, write nothing, ask no model.")
    ] = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a job: bring the analytics up to date, then tell what is worth telling.

    A run that ended early, however it ended, is taken up by the next of the same kind. --since and --until choose
    users, not days: what is stored of a user always belongs to one state of the log.

    Exit codes: 3 some users failed (each is recorded in analytics_failures), 4 the database, the cluster or the
    endpoint could not be reached, 5 the same job is running already.

    Examples:

        insights run nightly

        insights run backfill

        insights run regenerate --user me@example.org

        insights run nightly --as-of 2025-09-16 --dry-run

        insights run backfill --executor local:4

        insights run backfill --from lake/2023.parquet --from lake/2024.parquet
    """
    what = jobs.read(job)
    if executor is not None:
        what = jobs.with_executor(what, executor)
    first, last = context.day(since, "--since"), context.day(until, "--until")
    if first and last and last < first:
        raise BadInput(f"--until {last} is before --since {first}")
    if files and (what.source != "sets" or first or last):
        raise BadInput("--from is for jobs that read all sets of their users", hint="insights run backfill --from FILE")
    if what.name == "regenerate" and user is None:
        raise BadInput("regenerate is for one user", hint="Name the user: insights run regenerate --user ID_OR_EMAIL")
    settings = configuration.load()
    url = database_url(settings, database)
    endpoint = context.endpoint(settings) if "insights" in what.steps else None
    with context.progress() as progress:
        report = runs.run(
            url,
            what,
            now=context.now(),
            as_of=context.day(as_of, "--as-of"),
            user_id=runs.find_user(url, user) if user is not None else None,
            since=first,
            until=last,
            endpoint=endpoint,
            dry_run=dry_run,
            files=files or (),
            progress=progress,
        )
    emit(
        report.as_json() | {"dry_run": dry_run, "executor": what.executor},
        as_json=as_json,
        render=lambda console: _show(console, report, what, dry_run),
    )
    if report.failures:
        raise SomeUsersFailed(
            f"{len({user for user, _, _ in report.failures})} users failed",
            hint="See analytics_failures; the others are done.",
        )


def _show(console: Console, report: runs.Report, job: jobs.Job, dry_run: bool) -> None:
    days = ", ".join(day.isoformat() for day in report.as_of) or "no day"
    taken_up = "; it went on where an earlier one had ended" if report.resumed else ""
    console.print(
        f"[bold]{report.job}[/] as of {days}: {report.users:,} users, {report.sets:,} sets,"
        f" {report.shards:,} shards on {job.executor}{taken_up}"
    )
    table = Table("table", "added", "changed", "removed", box=None, pad_edge=False)
    for name, counts in report.written.items():
        table.add_row(name, *(f"{counts.get(what, 0):,}" for what in ("added", "changed", "removed")))
    if report.written:
        console.print(table)
    told = report.told
    if told.wanted:
        console.print(
            f"insights: {told.wanted} wanted, {told.unchanged} unchanged, {told.by_rules} told by rules,"
            f" {told.by_model} worded by a model, {told.fallbacks} fallbacks; {told.calls} calls"
        )
    if told.estimate is not None:
        console.print(_cost(told.estimate), highlight=False, soft_wrap=True)
    if dry_run:
        note(f"Nothing was written (--dry-run). The steps would be: {', '.join(job.steps)}.")


def _cost(estimate: Estimate) -> str:
    shown = estimate.as_json()
    budget = "" if shown["budget_usd"] is None else f"; the budget is {shown['budget_usd']} USD"
    return (
        f"a night would make {estimate.calls:,} calls, about {estimate.prompt_tokens:,} tokens there and"
        f" {estimate.completion_tokens:,} back, for about {shown['cost_usd']} USD,"
        f" at most {shown['cost_at_most_usd']} USD{budget}; reckoned from the stored facts,"
        " so run the analytics first where sets have changed since"
    )
