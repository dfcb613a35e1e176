"""`insights migrate`: the schema of a database, step by step, and back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from insights import settings
from insights.cli import migrate_adopt, migrate_checks, migrate_plan
from insights.cli.output import DatabaseOption, JsonOption, emit, stderr
from insights.db import migrate
from insights.db.migrate import Applied, Event, Finding, Standing, adapter, planning
from insights.errors import BadInput, CheckFailed

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

ToOption = Annotated[
    str | None, typer.Option("--to", metavar="NN.NN", help="The last migration to apply; otherwise all are.")
]
DownToOption = Annotated[
    str, typer.Option("--to", metavar="NN.NN", help="The migration that stays applied; `base`: none stays.")
]
ArchiveOption = Annotated[
    bool,
    typer.Option("--archive", help="Keep such rows in the schema insights_archive; the next `up` puts them back."),
]
DiscardOption = Annotated[
    bool, typer.Option("--discard-new-data", help="Undo even what destroys rows that the legacy tables cannot rebuild.")
]


@app.command()
def plan(to: ToOption = None, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Tell what `up` would do: steps, locks, rows, time zones, clients that must reconnect. Changes nothing.

    Examples:

        insights migrate plan

        insights migrate plan --to 03.02 --json
    """
    with _at(database) as (url, folder):
        told = planning.forecast(url, to, folder=folder)
    emit(migrate_plan.as_json(told), as_json=as_json, render=lambda console: migrate_plan.show(console, told))


@app.command()
def up(to: ToOption = None, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Apply the migrations that are pending, up to and with `--to`. A run that was stopped goes on where it was.

    Examples:

        insights migrate up

        insights migrate up --to 04.03 --database postgresql://me@localhost/app
    """
    with _at(database) as (url, folder), _Progress() as progress:
        applied = migrate.up(url, to, on_step=progress, folder=folder)
    _print_done("applied", applied, as_json=as_json)


@app.command()
def down(
    to: DownToOption,
    archive: ArchiveOption = False,
    discard_new_data: DiscardOption = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo every migration after `--to`. Exits with 1 and changes nothing where rows would be lost for good, or while a
    rollout flag lets users through to tables that would go.

    Examples:

        insights migrate down --to 03.02

        insights migrate down --to 00.00 --archive

        insights migrate down --to base --discard-new-data
    """
    if archive and discard_new_data:
        raise BadInput("--archive keeps the new rows and --discard-new-data lets them go", hint="Give one of them.")
    with _at(database) as (url, folder), _Progress() as progress:
        undone = migrate.down(
            url, to, discard_new_data=discard_new_data, archive_new_data=archive, on_step=progress, folder=folder
        )
    _print_done("undone", undone, as_json=as_json)


@app.command()
def status(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Tell which migrations are applied, since when, and which are not. Changes nothing.

    Example:

        insights migrate status --json
    """
    with _at(database) as (url, folder):
        standings = migrate.status(url, folder=folder)
    emit(
        {"migrations": [asdict(standing) for standing in standings]},
        as_json=as_json,
        render=lambda console: console.print(_table(standings)),
    )


@app.command()
def verify(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Ask every applied migration's own questions: is each row carried over or kept aside? Exit 1 where one is not.

    Examples:

        insights migrate verify

        insights migrate verify --json
    """
    with _at(database) as (url, folder):
        findings = migrate.verify(url, folder=folder)
        moved = migrate.carried_over(url)
    payload = {"ok": not findings, "findings": [asdict(finding) for finding in findings], "rows": moved}

    def render(console: Console) -> None:
        for row in moved:
            counts = f"{row['legacy']:,} legacy, {row['new']:,} carried over, {row['quarantined']:,} in quarantine"
            console.print(f"{row['what']}: {counts}, {row['rounded']:,} rounded", highlight=False)
        _show_findings(console, findings)

    emit(payload, as_json=as_json, render=render)
    if findings:
        raise CheckFailed(f"verify found {len(findings)} things", hint="Each line names its migration and its row.")


app.command("baseline")(migrate_adopt.baseline)
app.command("rehearse")(migrate_adopt.rehearse)
app.add_typer(migrate_checks.checklist, name="checklist", help="The plan's ten items, each with its evidence.")
app.command("contract")(migrate_checks.contract)


@contextmanager
def _at(explicit: str | None) -> Iterator[tuple[str, Path | None]]:
    """The URL of the database, and the folder of its migrations where it needs its own."""
    from insights.db.embedded import database_url  # noqa: PLC0415 - starts a server: only when a command needs it

    url = database_url(settings.load(), explicit)
    with adapter.migrations_of(url) as folder:
        yield url, folder


def _show_findings(console: Console, findings: Sequence[Finding]) -> None:
    if not findings:
        console.print("[green]Nothing is wrong.[/]")
    for finding in findings:
        console.print(f"[bold]{finding.id}[/] {finding.problem}: ", end="", highlight=False)
        console.print(finding.subject, markup=False, highlight=False)


def _print_done(word: str, done: Sequence[Applied], *, as_json: bool) -> None:
    def render(console: Console) -> None:
        if not done:
            console.print("Nothing to do.")
        for migration in done:
            console.print(f"{word} [bold]{migration.id}[/] {migration.name} in {migration.seconds:.2f} s")

    payload: dict[str, Any] = {word: [asdict(migration) for migration in done]}
    emit(payload, as_json=as_json, render=render)


def _table(standings: Sequence[Standing]) -> Table:
    table = Table("migration", "name", "state", "applied at (UTC)", "seconds", box=None)
    for standing in standings:
        since = f"{standing.applied_at:%Y-%m-%d %H:%M:%S}" if standing.applied_at else ""
        seconds = "" if standing.seconds is None else f"{standing.seconds:.3f}"
        table.add_row(standing.id, standing.name, standing.state.replace("_", " "), since, seconds)
    return table


class _Progress(Progress):
    """The step at work and how often it has waited, on stderr; nothing where that is no terminal."""

    def __init__(self) -> None:
        columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
        super().__init__(*columns, console=stderr, transient=True, disable=not stderr.is_terminal)
        self._task = self.add_task("migrate", total=None)

    def __call__(self, event: Event) -> None:
        waiting = " - waiting for a lock" if event.kind == "retry" else ""
        description = f"{event.id} {event.name}: {event.step_name}{waiting}"
        if event.kind == "batch" and event.rows is not None:
            total = max(event.rows, event.rows_estimated or 0) or None
            self.update(
                self._task, description=f"{description}, {event.rows:,} rows", total=total, completed=event.rows
            )
            return
        completed = event.step if event.kind == "done" else event.step - 1
        self.update(self._task, description=description, total=event.steps, completed=completed)
