"""`insights migrate baseline` and `rehearse`: an app's own database, before the first migration."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from insights import settings
from insights.cli.output import DatabaseOption, JsonOption, emit
from insights.db.migrate import adapter
from insights.db.migrate import baseline as baselines
from insights.db.migrate import rehearse as rehearsals
from insights.db.migrate.legacy import Difference
from insights.errors import BadInput, CheckFailed

MappingOption = Annotated[
    Path | None,
    typer.Option("--mapping", metavar="FILE", help="A TOML file that names the app's own tables and columns."),
]
CheckOption = Annotated[bool, typer.Option("--check", help="Only compare and tell the differences; record nothing.")]
RowsOption = Annotated[int, typer.Option("--rows", min=0, help="The most rows of a table that the copy gets.")]
ScratchOption = Annotated[
    str | None,
    typer.Option(
        "--scratch", metavar="URL", help="Another server for the copy; otherwise it is made beside the original."
    ),
]


def baseline(
    mapping: MappingOption = None,
    check: CheckOption = False,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Adopt a database that an app has made: compare it with what the migrations need, record 00.00, run nothing.

    A difference that no migration can work with is refused before anything is changed. The mapping file reads

        [users]
        table = "app.accounts"
        columns = { id = "account_id", email = "mail" }
        missing = ["locale"]

    and becomes views with the expected names. Keys must be UUIDs: no mapping can change that.

    Examples:

        insights migrate baseline --check

        insights migrate baseline --mapping names.toml --database postgresql://me@localhost/app
    """
    url = _url(database)
    text = _read(mapping) if mapping else None
    if check:
        told = baselines.check(url, text)
        refused = [difference for difference in told if difference.refused]
        payload = {"fits": not refused, "differences": [asdict(difference) for difference in told]}
        emit(payload, as_json=as_json, render=lambda console: _show_differences(console, told, bool(mapping)))
        if refused:
            raise CheckFailed(f"{len(refused)} differences must be mended first")
        return
    adopted = baselines.adopt(url, text)

    def render(console: Console) -> None:
        _show_differences(console, list(adopted.differences), bool(mapping))
        for table, own in adopted.adapted.items():
            console.print(f"[bold]{table}[/] is a view of {own}", highlight=False)
        console.print(f"Adopted as [bold]{adopted.id}[/]. Go on with `insights migrate plan`.", highlight=False)

    emit(asdict(adopted), as_json=as_json, render=render)


def rehearse(
    rows: RowsOption = rehearsals.ROWS,
    scratch: ScratchOption = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try up, verify, down and up again on a copy of the schema and a sample of the rows. Exit 1 where one fails.

    The copy is dropped again; the record stays in insights_rehearsals of the original, where `checklist pre` looks.

    Examples:

        insights migrate rehearse

        insights migrate rehearse --rows 5000 --scratch postgresql://me@staging/postgres
    """
    url = _url(database)
    with adapter.migrations_of(url) as folder:
        told = rehearsals.rehearse(url, rows=rows, beside=scratch, folder=folder)

    def render(console: Console) -> None:
        table = Table("act", "seconds", "what went wrong", box=None, pad_edge=False)
        for stage in told.stages:
            table.add_row(stage.name, f"{stage.seconds:.2f}", escape("\n".join(stage.problems)) or "[green]nothing[/]")
        console.print(table)
        console.print(f"{told.sample_rows:,} rows of the schema {told.fingerprint[:12]}", highlight=False)
        if told.pending:
            console.print(f"users_email_check would stay pending: {len(told.pending)} addresses of the sample break it")

    emit({**asdict(told), "passed": told.passed}, as_json=as_json, render=render)
    if not told.passed:
        raise CheckFailed(
            "the rehearsal failed", hint="The acts and their problems are recorded in insights_rehearsals."
        )


def _url(explicit: str | None) -> str:
    from insights.db.embedded import database_url  # noqa: PLC0415 - starts a server: only when a command needs it

    return database_url(settings.load(), explicit)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path}: {error}") from None


def _show_differences(console: Console, told: list[Difference], mapped: bool) -> None:
    if not told:
        console.print("[green]No difference.[/]")
    for difference in told:
        mark = "[red]refused[/]" if difference.refused else "[yellow]noted  [/]"
        console.print(f"{mark} {escape(str(difference))}", highlight=False, soft_wrap=True)
    if mapped:
        console.print("An adapter cannot", highlight=False)
        for limit in adapter.CANNOT:
            console.print(f"  - {limit}", highlight=False)
