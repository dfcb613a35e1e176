"""`insights audit`: a second opinion on every stored number."""

from collections import Counter
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from insights import settings as configuration
from insights.audit import Audit, Difference
from insights.audit import audit as run_audit
from insights.cli import context
from insights.cli.output import DatabaseOption, JsonOption, emit, note
from insights.db.embedded import database_url
from insights.errors import CheckFailed
from insights.pipeline.run import find_user

SHOWN = 20


def command(
    user: Annotated[str | None, typer.Option("--user", metavar="ID_OR_EMAIL", help="One user only.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="DAY",
            help="The last day that counts; otherwise that of the newest run that covered each user.",
        ),
    ] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute every stored row from the sets, by DuckDB and in SQL of its own, and compare. Changes nothing.

    Covers volume_analytics, strength_progressions and the live insight_data_points, all columns but created_at. Exit 1
    on any difference.

    Examples:

        insights audit

        insights audit --user me@example.org --as-of 2025-09-16 --json
    """
    url = database_url(configuration.load(), database)
    with context.progress() as progress:
        report = run_audit(
            url,
            user_id=find_user(url, user) if user else None,
            as_of=context.day(as_of, "--as-of"),
            progress=progress,
        )
    emit(report.as_json(), as_json=as_json, render=lambda console: _show(console, report))
    if not report.ok:
        raise CheckFailed(
            f"the audit found {len(report.differences):,} differences",
            hint="Sets that changed after the run differ until the next: insights run nightly. See docs/audit.md.",
        )


def _show(console: Console, report: Audit) -> None:
    console.print(f"[bold]{len(report.users):,} users[/], {report.sets:,} sets")
    for (day, run), users in report.days().items():
        if day is None:
            console.print(f"  no run has covered {users:,} of them: nothing should be stored")
        else:
            console.print(f"  as of {day}: {users:,} users, by {f'run {run}' if run else '--as-of'}", highlight=False)
    if report.inactive:
        note(f"{report.inactive:,} inactive users were passed over; --as-of includes them.")
    different = Counter(difference.table for difference in report.differences)
    table = Table("table", "rows compared", "differences", box=None, pad_edge=False)
    for name, rows in report.rows.items():
        table.add_row(name, f"{rows:,}", f"{different[name]:,}")
    console.print(table)
    for difference in report.differences[:SHOWN]:
        console.print(escape(_line(difference)), highlight=False, soft_wrap=True)
    if len(report.differences) > SHOWN:
        note(f"{len(report.differences) - SHOWN:,} more differences: --json tells them all.")


def _line(difference: Difference) -> str:
    key = _words(difference.key)
    if difference.kind == "changed":
        return (
            f"{difference.table} ({key}): {difference.column} is {difference.stored}, should be {difference.recomputed}"
        )
    if difference.kind == "missing":
        return f"{difference.table} ({key}): the row is missing: {_words(difference.recomputed)}"
    return f"{difference.table} ({key}): the row should not be there: {_words(difference.stored)}"


def _words(row: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in row.items() if value is not None)


def _word(value: object) -> str:
    return "null" if value is None else str(value)
