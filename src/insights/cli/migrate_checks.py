"""`insights migrate checklist` and `contract`: what is asked before and after a migration, and the end of the road."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from insights import settings
from insights.cli import context
from insights.cli.output import DatabaseOption, JsonOption, emit
from insights.db.migrate import adapter
from insights.db.migrate import checklist as checklists
from insights.db.migrate import contract as contracts
from insights.errors import BadInput, CheckFailed

checklist = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

BackupOption = Annotated[
    str | None, typer.Option("--backup", metavar="REF", help="The backup: a file, or the name your backups give it.")
]
BackupAtOption = Annotated[
    str | None,
    typer.Option(
        "--backup-at", metavar="TIME", help="When it was taken (UTC), as 2026-01-05T12:00; a file tells itself."
    ),
]
AlertsOption = Annotated[
    str | None, typer.Option("--alerts-ack", metavar="WHO", help="Who watches the alerts while it runs.")
]
OutOption = Annotated[
    Path, typer.Option("--out", metavar="FOLDER", help="A new folder for the Parquet files of the raw tables.")
]


@checklist.command()
def pre(
    backup: BackupOption = None,
    backup_at: BackupAtOption = None,
    alerts_ack: AlertsOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Before `up`: backup, staging, flags, rollback, monitoring. Exit 1 where one has no evidence.

    Examples:

        insights migrate checklist pre --backup /backups/app-2026-01-05.dump --alerts-ack ada

        insights migrate checklist pre --backup s3://backups/17 --backup-at 2026-01-05T03:00 --alerts-ack ada --json
    """
    url = _url(database)
    with adapter.migrations_of(url) as folder:
        told = checklists.pre(
            url, now=context.now(), backup=backup, backup_at=_time(backup_at), alerts_ack=alerts_ack, folder=folder
        )
    _report(told, as_json=as_json)


@checklist.command()
def post(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """After `up`: data, new features, benchmarks, workflows, analytics. Exit 1 where one has no evidence.

    Rows are written to try the tables and the old app's statements; all of that is rolled back.

    Examples:

        insights migrate checklist post

        insights migrate checklist post --json
    """
    url = _url(database)
    with adapter.migrations_of(url) as folder:
        told = checklists.post(url, now=context.now(), folder=folder)
    _report(told, as_json=as_json)


def contract(
    out: OutOption,
    backup: BackupOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """06.03: write exercise_sets and workout_exercises to Parquet, then drop them. There is no way back after this.

    It refuses unless a backup is named, `verify` finds nothing, every rollout flag is at 100 % and nothing depends on
    the two tables. It is never part of `up`.

    Example:

        insights migrate contract --backup /backups/app-2026-01-05.dump --out /archive/legacy-2026-01-05
    """
    url = _url(database)
    with adapter.migrations_of(url) as folder:
        done = contracts.contract(url, out, backup=backup, folder=folder)

    def render(console: Console) -> None:
        for file in done.files:
            console.print(f"{file.name}: {file.rows:,} rows, SHA-256 {file.sha256}", highlight=False, soft_wrap=True)
        console.print(f"dropped {' and '.join(done.tables)}; their rows are in {done.folder}", highlight=False)

    emit(asdict(done), as_json=as_json, render=render)


def _report(told: checklists.Checklist, *, as_json: bool) -> None:
    def render(console: Console) -> None:
        for item in told.items:
            mark = "[green]\\[x][/]" if item.ok else "[red]\\[ ][/]"
            console.print(f"{mark} [bold]{item.line}[/]", highlight=False)
            console.print(
                f"    {escape(json.dumps(item.evidence, default=str))}", highlight=False, soft_wrap=True, style="dim"
            )
            if item.mend:
                console.print(f"    {escape(item.mend)}", highlight=False, soft_wrap=True)

    emit(told.as_json(), as_json=as_json, render=render)
    missing = [item.name for item in told.items if not item.ok]
    if missing:
        raise CheckFailed(f"no evidence for: {', '.join(missing)}")


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"--backup-at {text} is not a time", hint="Write it as 2026-01-05T12:00.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _url(explicit: str | None) -> str:
    from insights.db.embedded import database_url  # noqa: PLC0415 - starts a server: only when a command needs it

    return database_url(settings.load(), explicit)
