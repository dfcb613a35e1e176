"""`insights report`: the HTML page of one user."""

import os
from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from insights import settings as configuration
from insights.cli import context
from insights.cli.output import DatabaseOption, JsonOption, emit
from insights.db import report as store
from insights.db.connection import connect
from insights.db.embedded import database_url
from insights.errors import BadInput
from insights.pipeline import run as runs
from insights.pipeline.summary import Summary, summarise
from insights.report import page
from insights.science.reasons import REASONS


def command(
    user: Annotated[str, typer.Option("--user", metavar="ID_OR_EMAIL", help="Whose report.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.html", help="Where to write it.")],
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DAY", help="The last day that counts.")] = None,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a user's report: insights, 1RM and volume charts, and what counted. One file, nothing fetched.

    Example: insights report --user me@example.org --out report.html
    """
    check_writable(out)
    url = database_url(configuration.load(), database)
    user_id = runs.find_user(url, user)
    day = context.day(as_of, "--as-of") or context.now().date()
    write(url, user_id, day, out, summarise(url, user_id, day))
    emit({"report": str(out.resolve())}, as_json=as_json, render=lambda console: console.print(f"wrote {out}"))


def check_writable(out: Path) -> None:
    """See before the work whether its report can be written.

    Raises:
        BadInput: the path is a folder, or its folder is missing or closed to us.
    """
    folder = out.absolute().parent
    reason = None
    if out.is_dir():
        reason = "it is a folder"
    elif not folder.is_dir():
        reason = f"there is no folder {folder}"
    elif not os.access(out if out.exists() else folder, os.W_OK):
        reason = "no permission"
    if reason:
        raise BadInput(f"cannot write {out}: {reason}", hint="Name another file with --out.")


def write(url: str, user_id: UUID, as_of: date, out: Path, summary: Summary) -> None:
    """Write the report of a user to a file.

    Raises:
        BadInput: the file cannot be written.
    """
    with connect(url) as connection:
        who = store.user(connection, user_id)
        contents = page.Contents(
            title=f"Training report: {who['name']}",
            as_of=as_of,
            units=who["units"],
            insights=store.insights(connection, user_id),
            lifts=store.lifts(connection, user_id),
            weeks=store.weeks(connection, user_id),
            summary=_shown(summary, who["units"]),
            verdicts_glossary=REASONS,
        )
    try:
        out.write_text(page.render(contents), encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot write {out}: {error.strerror}", hint="Name another file with --out.") from error


def _shown(summary: Summary, units: str) -> dict[str, object]:
    per_kg = 1 / page.KG_PER_LB if units == "lb" else 1
    return summary.as_json() | {
        "tonnage": summary.tonnage_kg * per_kg,
        "logged_tonnage": summary.logged_tonnage_kg * per_kg,
    }
