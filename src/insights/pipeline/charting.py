"""The charts of insights: the series behind each, read for many at once, as Vega-Lite specifications."""

from collections.abc import Sequence
from typing import Any

from insights import narrative
from insights.db import insights as store
from insights.db import series
from insights.pipeline.tasks import Task


def chart_data(connection: store.Connection, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """The chart of each insight, from the data of its claims."""
    wishes = [_wish(task) for task in tasks]
    read = iter(series.read(connection, [wish for wish in wishes if wish is not None]))
    rows = [next(read) if wish is not None else _muscles(task.wanted) for task, wish in zip(tasks, wishes, strict=True)]
    return [narrative.chart(task.wanted, found) for task, found in zip(tasks, rows, strict=True)]


def _wish(task: Task) -> series.Wish | None:
    """What is to be read for a chart; nothing where the claims themselves hold it all."""
    wanted, user_id = task.wanted, task.reader.id
    match wanted.chart:
        case "e1rm" if wanted.lift is not None:
            return series.Wish(user_id, "lift", task.as_of, wanted.lift.id)
        case "weekly":
            return series.Wish(user_id, "week", task.as_of)
        case "monthly":
            return series.Wish(user_id, "month", wanted.period_end)
        case _:
            return None


def _muscles(wanted: narrative.Wanted) -> list[dict[str, Any]]:
    facts = [fact for claim in wanted.claims for _, fact in claim.facts]
    muscles = {fact.entity: fact.value for fact in facts if fact.data_type == "muscle_weekly_hard_sets"}
    return [{"muscle": muscle, "weekly_hard_sets": value} for muscle, value in sorted(muscles.items())]
