"""The engine as its users call it: the only file here that knows how. A backfill of all users, in this process."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from benchmarks.stages import Stages
from insights.pipeline import job
from insights.pipeline import run as runs


def run(url: str, day: date, scratch: Path, stages: Stages) -> Mapping[str, Any]:
    """`insights run backfill --as-of DAY` without the writing of insights."""
    del scratch
    return call(url, "backfill", day, stages)


def call(url: str, name: str, day: date, stages: Stages) -> Mapping[str, Any]:
    """One job of the repository's job files, its arithmetic only."""
    arithmetic = job.read(name).model_copy(update={"steps": ("analytics",)})
    now = datetime.combine(day + timedelta(days=1), time(12), UTC)
    with stages.stage("run"):
        report = runs.run(url, arithmetic, now=now, as_of=day)
    if report.failures:
        raise RuntimeError(f"{len(report.failures)} users failed, the first: {report.failures[0]}")
    return {"sets": report.sets, "users": report.users, "written": report.written}
