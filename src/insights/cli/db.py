"""`insights db`: the embedded PostgreSQL server, kept between runs."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from insights import settings
from insights.cli.output import JsonOption, emit
from insights.db import embedded
from insights.db.embedded import Status

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")

KeepOption = Annotated[bool, typer.Option("--keep", help="Let it run until `insights db stop`, used or not.")]


@app.command()
def start(keep: KeepOption = False, as_json: JsonOption = False) -> None:
    """Start the embedded server, unless it runs, and print its URL.

    It listens on 127.0.0.1 only and asks for a password, which is in the URL. Unused for INSIGHTS_DB_IDLE_MINUTES
    (30; 0: never) it stops by itself.

    Examples:

        insights db start

        insights db start --keep

        psql "$(insights db start --json | jq -r .url)"
    """
    _print(embedded.start(settings.load(), keep=keep), as_json=as_json)


@app.command()
def stop(as_json: JsonOption = False) -> None:
    """Stop the embedded server. Its data stays; clients are cut off.

    Example:

        insights db stop
    """
    _print(embedded.stop(settings.load()), as_json=as_json)


@app.command()
def status(as_json: JsonOption = False) -> None:
    """Tell whether the embedded server runs, where, and by which programs. Starts nothing.

    Examples:

        insights db status

        insights db status --json
    """
    _print(embedded.status(settings.load()), as_json=as_json)


def _print(found: Status, *, as_json: bool) -> None:
    emit(asdict(found), as_json=as_json, render=lambda console: _describe(console, found))


def _describe(console: Console, found: Status) -> None:
    if found.running:
        console.print(f"[bold green]{found.state}[/] at {found.url or 'an address not known yet'}", soft_wrap=True)
    else:
        console.print("[bold]stopped[/]")
    rows = {
        "process": f"{found.pid}, run by {found.user}" if found.running else "",
        "version": f"PostgreSQL {found.version}, from {found.source}" if found.version else "",
        "home": f"{found.home} ({found.data_bytes / 1e6:,.1f} MB of data)",
        "stays": _stays(found) if found.running else "",
    }
    for name, text in rows.items():
        if text:
            console.print(f"  {name:<8} {escape(text)}", highlight=False, soft_wrap=True)


def _stays(found: Status) -> str:
    if found.keep:
        return "until `insights db stop`"
    if found.idle_minutes is None:
        return "until `insights db stop` (INSIGHTS_DB_IDLE_MINUTES is 0)"
    return f"until unused for {found.idle_minutes:g} minutes"
