"""`insights migrate`: the schema of a database, step by step, and back."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from insights import settings
from insights.cli.output import DatabaseOption, JsonOption, emit, stderr
from insights.db import migrate
from insights.db.migrate import Applied, Event, Standing

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

ToOption = Annotated[
    str | None, typer.Option("--to", metavar="NN.NN", help="The last migration to apply; otherwise all are.")
]
DownToOption = Annotated[
    str, typer.Option("--to", metavar="NN.NN", help="The migration that stays applied; `base`: none stays.")
]
DiscardOption = Annotated[
    bool, typer.Option("--discard-new-data", help="Undo even what destroys rows that the legacy tables cannot rebuild.")
]


@app.command()
def plan(to: ToOption = None, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Tell what `up` would do. Changes nothing.

    Example:

        insights migrate plan --to 03.02
    """
    pending = migrate.plan(_url(database), to)

    def render(console: Console) -> None:
        if not pending:
            console.print("Nothing to do: every migration is applied.")
        for migration in pending:
            console.print(f"[bold]{migration.id}[/] {migration.name}: {', '.join(migration.steps)}", highlight=False)

    emit({"pending": [asdict(migration) for migration in pending]}, as_json=as_json, render=render)


@app.command()
def up(to: ToOption = None, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Apply the migrations that are pending, up to and with `--to`. A run that was stopped goes on where it was.

    Examples:

        insights migrate up

        insights migrate up --to 04.03 --database postgresql://me@localhost/app
    """
    with _Progress() as progress:
        applied = migrate.up(_url(database), to, on_step=progress)
    _print_done("applied", applied, as_json=as_json)


@app.command()
def down(
    to: DownToOption,
    discard_new_data: DiscardOption = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Undo every migration after `--to`. Exits with 1 and changes nothing where rows would be lost for good.

    Example:

        insights migrate down --to 03.02
    """
    with _Progress() as progress:
        undone = migrate.down(_url(database), to, discard_new_data=discard_new_data, on_step=progress)
    _print_done("undone", undone, as_json=as_json)


@app.command()
def status(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Tell which migrations are applied, since when, and which are not. Changes nothing.

    Example:

        insights migrate status --json
    """
    standings = migrate.status(_url(database))
    emit(
        {"migrations": [asdict(standing) for standing in standings]},
        as_json=as_json,
        render=lambda console: console.print(_table(standings)),
    )


def _url(explicit: str | None) -> str:
    from insights.db.embedded import database_url  # noqa: PLC0415 - starts a server: only when a command needs it

    return database_url(settings.load(), explicit)


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
        self.update(
            self._task,
            description=f"{event.id} {event.name}: {event.step_name}{waiting}",
            total=event.steps,
            completed=event.step if event.kind == "done" else event.step - 1,
        )
