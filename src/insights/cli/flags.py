"""`insights flags`: which share of the users reads and writes the new tables."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from insights import settings
from insights.cli.output import DatabaseOption, JsonOption, emit
from insights.db.migrate import flags

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")


@app.command("list")
def list_(database: DatabaseOption = None, as_json: JsonOption = False) -> None:
    """Tell every flag and the users that it lets through, in per cent. Changes nothing.

    Example:

        insights flags list --json
    """
    _tell(flags.flags(_url(database)), as_json=as_json)


@app.command("set")
def set_(
    name: Annotated[str, typer.Argument(help="read_new or write_new.")],
    percent: Annotated[int, typer.Argument(help="Of the users, 0 to 100. A higher share keeps those who were in.")],
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a share of the users read or write the new tables; the app asks `rollout_enabled(flag, user_id)`.

    Raising write_new first switches on the way back: what the new writers write reaches the legacy tables too.

    Example:

        insights flags set read_new 10
    """
    _tell([flags.set_flag(_url(database), name, percent)], as_json=as_json)


def _tell(found: list[flags.Flag], *, as_json: bool) -> None:
    def render(console: Console) -> None:
        for flag in found:
            console.print(f"{flag.name} {flag.percent} % of users, since {flag.updated_at:%Y-%m-%d %H:%M} UTC")

    emit({"flags": [asdict(flag) for flag in found]}, as_json=as_json, render=render)


def _url(explicit: str | None) -> str:
    from insights.db.embedded import database_url  # noqa: PLC0415 - starts a server: only when a command needs it

    return database_url(settings.load(), explicit)
