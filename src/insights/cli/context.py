"""What commands share: the clock, the endpoint from the settings, and progress on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from insights.cli.output import stderr
from insights.errors import BadInput, BadSettings
from insights.llm.endpoint import Endpoint, probe
from insights.pipeline.run import Progress as Report
from insights.settings import Settings

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2099, 12, 31)


def now() -> datetime:
    """The clock, read here and handed down."""
    return datetime.now(tz=UTC)


def day(text: str | None, option: str) -> date | None:
    """A day as `2025-09-16`; "today" and "yesterday" are days too (UTC)."""
    if text is None:
        return None
    if text in ("today", "yesterday"):
        ordinal = now().date().toordinal() - (text == "yesterday")
        return date.fromordinal(ordinal)
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{option} {text} is not a day", hint="Write it as 2025-09-16.") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise BadInput(f"{option} {text} is beyond what is kept: {FIRST_DAY} to {LAST_DAY}")
    return found


def endpoint(settings: Settings) -> Endpoint | None:
    """The endpoint that the settings name, after one look at it; None where the rules shall narrate.

    Raises:
        BadSettings: a URL without a model, and the endpoint serves more than one or does not tell.
        Unreachable: nothing answers there.
    """
    if settings.llm_url is None:
        return None
    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else None
    found = Endpoint(
        url=settings.llm_url,
        model=settings.llm_model or "",
        api_key=key,
        concurrency=settings.llm_concurrency,
        timeout_s=settings.llm_timeout_s,
        deadline_s=settings.llm_deadline_s,
    )
    served = probe(found)
    if settings.llm_model is None:
        if len(served) != 1:
            choice = f"It serves: {', '.join(served[:20])}." if served else "It does not tell what it serves."
            raise BadSettings("INSIGHTS_LLM_MODEL must name the model", hint=choice)
        return replace(found, model=served[0])
    return found


class RateColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """The rate of the last while; nothing before there is one."""
        rate = task.finished_speed or task.speed
        return Text(f"{rate:,.0f}/s" if rate else "")


@contextmanager
def progress() -> Iterator[Report]:
    """A reporter of steps, with rate and time left: bars on a terminal, nothing elsewhere."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def report(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=of, completed=done)  # a run taken up is no faster for that
            bars.update(tasks[step], completed=done, total=of)

        yield report
