"""The engine's night: what one more day costs."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import engine
from benchmarks.stages import Stages


def run(url: str, day: date, scratch: Path, stages: Stages) -> Mapping[str, Any]:
    """`insights run nightly --as-of DAY` without the writing of insights."""
    del scratch
    return engine.call(url, "nightly", day, stages)
