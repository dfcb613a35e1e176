"""`insights quarantine`: legacy rows that could not be carried over."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from insights import settings
from insights.cli.output import DatabaseOption, JsonOption, emit
from insights.db.migrate import quarantine
from insights.errors import CheckFailed

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

TableOption = Annotated[
    str | None, typer.Option("--table", metavar="NAME", help="Only of this table, by the contract's or its own name.")
]


@app.command("list")
def list_(table: TableOption = None, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Tell which rows are kept aside and why. Changes nothing.

    Example:

        insights quarantine list --table exercise_sets --json
    """
    found = quarantine.entries(_url(database), table)

    def render(console: Console) -> None:
        if not found:
            console.print("Nothing is kept aside.")
            return
        shown = Table("table", "SQLSTATE", "reason", "rows", box=None)
        for source, state, reason, count in quarantine.by_reason(found):
            shown.add_row(source, state, reason, str(count))
        console.print(shown)
        if waiting := quarantine.waiting(found):
            console.print(f"{waiting} rows only found a lock taken: `insights quarantine retry` carries them over.")

    emit({"quarantine": [asdict(entry) for entry in found]}, as_json=as_json, render=render)


@app.command()
def retry(table: TableOption = None, database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Carry the rows that are kept aside over again. Exits with 1 while some are left.

    A row that does not fit is mended in its own table first; one that found a lock taken needs nothing else.

    Example:

        insights quarantine retry
    """
    done = quarantine.retry(_url(database), table)
    emit(
        asdict(done),
        as_json=as_json,
        render=lambda console: console.print(f"{done.tried - done.left} of {done.tried} rows carried over"),
    )
    if done.left:
        raise CheckFailed(f"{done.left} rows are still kept aside", hint="`insights quarantine list` tells why.")


def _url(explicit: str | None) -> str:
    from insights.db.embedded import database_url  # noqa: PLC0415 - starts a server: only when a command needs it

    return database_url(settings.load(), explicit)
