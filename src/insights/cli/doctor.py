"""`insights doctor`: what is missing or wrong, and how to mend it."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape

from insights import settings as configuration
from insights.cli.checkup import Confirmable, Kind, Patient, findings
from insights.cli.output import DatabaseOption, JsonOption, emit
from insights.errors import BadInput, CheckFailed


def command(
    user: Annotated[
        str | None,
        typer.Option("--user", metavar="ID_OR_EMAIL", help="Look at this user's sets, however many there are."),
    ] = None,
    fix: Annotated[
        Kind | None, typer.Option("--fix", help="Give that user's suspect sets the weight that was meant.")
    ] = None,
    confirm: Annotated[
        Confirmable | None, typer.Option("--confirm", help="Let that user's suspect sets count: the weights are right.")
    ] = None,
    only: Annotated[
        list[UUID] | None, typer.Option("--set", metavar="ID", help="Mend or confirm this set alone; repeatable.")
    ] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check what the engine needs and say how to mend what is wrong. Exit 1 where a check fails.

    Changes nothing, but for --fix and --confirm.

    Examples:

        insights doctor

        insights doctor --user me@example.org

        insights doctor --user me@example.org --fix pounds

        insights doctor --user me@example.org --confirm typo --set 0d9a7d5e-6b1f-4c43-a8a2-5a0c3b6c9a11
    """
    if (fix or confirm) and user is None:
        raise BadInput(
            "--fix and --confirm are for one user's sets",
            hint="Name the user: insights doctor --user ID_OR_EMAIL --fix pounds",
        )
    if only and not (fix or confirm):
        raise BadInput("--set says which sets, not what to do", hint="Add --fix typo, or --confirm typo.")
    if fix and fix == confirm:
        raise BadInput("--fix and --confirm contradict each other", hint="Name the sets with --set, in two calls.")
    found = list(findings(Patient(configuration.load(), database, user, fix, confirm, tuple(only or ()))))

    def render(console: Console) -> None:
        for finding in found:
            mark = "[green]ok  [/]" if finding.ok else "[red]bad [/]"
            console.print(f"{mark} [bold]{finding.check}[/]: {escape(finding.detail)}", highlight=False, soft_wrap=True)
            if finding.mend:
                console.print(f"     {escape(finding.mend)}", highlight=False, soft_wrap=True)

    payload = {"ok": all(f.ok for f in found), "checks": [asdict(finding) for finding in found]}
    emit(payload, as_json=as_json, render=render)
    bad = [finding.check for finding in found if not finding.ok]
    if bad:
        raise CheckFailed(f"doctor found something: {', '.join(bad)}")
