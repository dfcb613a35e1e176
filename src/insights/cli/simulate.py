"""`insights simulate`: lifters with known truth, written as if they had been imported."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated

import typer
from rich.console import Console

from insights import settings
from insights.cli import context
from insights.cli.output import DatabaseOption, JsonOption, emit
from insights.db.connection import connect
from insights.db.embedded import database_url
from insights.simulate.store import Cohort, Written, write_cohort


def command(
    lifters: Annotated[int, typer.Option(min=1, help="How many.")] = 3,
    weeks: Annotated[int, typer.Option(min=1, max=1040, help="How many weeks each has trained.")] = 26,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same lifters.")] = 1,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="The last day; otherwise the last Sunday before today.")
    ] = None,
    ugliness: Annotated[
        float, typer.Option(min=0, max=1, help="0: clean logs; 1: typos, gaps and whatever else real logs have.")
    ] = 0.3,
    database: DatabaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write simulated lifters into the database: known true strength, fatigue, RPE errors, missed weeks, typos.

    The first three are one each who progresses, stalls and is inconsistent. The same call twice changes nothing; users
    that were not simulated are never touched.

    Examples:

        insights simulate --lifters 3 --weeks 26 --seed 1

        insights simulate --lifters 100 --weeks 104 --seed 7 --until 2025-09-14 --ugliness 1 --json
    """
    last_day = context.day(until, "--until") or last_sunday_before(context.now().date())
    cohort = Cohort(lifters=lifters, weeks=weeks, seed=seed, until=last_day, ugliness=ugliness)
    url = database_url(settings.load(), database)
    with connect(url, autocommit=True) as connection, context.progress() as progress:
        written = write_cohort(
            connection, cohort, on_lifter=lambda done: progress("simulating lifters", done, cohort.lifters)
        )
    emit(
        {**asdict(cohort), **asdict(written)},
        as_json=as_json,
        render=lambda console: _describe(console, cohort, written),
    )


def last_sunday_before(day: date) -> date:
    """The last Sunday before a day: its week is closed in every time zone, and for seven days it stays the same."""
    return day - timedelta(days=day.isoweekday())


def _describe(console: Console, cohort: Cohort, written: Written) -> None:
    console.print(
        f"simulated lifters: {cohort.lifters:,}, {written.sets:,} sets in {cohort.weeks} weeks to {cohort.until} "
        f"(seed {cohort.seed}, ugliness {cohort.ugliness:g})",
        highlight=False,
        soft_wrap=True,
    )
    console.print(
        f"  {written.sets_added:,} sets added, {written.sets_updated:,} updated, "
        f"{written.body_weights_changed:,} body weights written",
        highlight=False,
        soft_wrap=True,
    )
