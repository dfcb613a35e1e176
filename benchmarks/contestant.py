"""One contestant in a process of its own, so that memory and caches of one do not colour another's.

`python -m benchmarks.contestant NAME URL DAY SCRATCH` prints one JSON object: seconds by stage, seconds in all, peak
memory in MiB, and what the contestant tells besides. `measure` starts it and reads that.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.stages import Stages, peak_memory, stolen_s

MODULES = {
    "engine": "benchmarks.engine",
    "engine_by_stages": "benchmarks.engine_stages",
    "engine_night": "benchmarks.engine_night",
    "floor": "benchmarks.peers.floor",
    "floor_of_two": "benchmarks.peers.floor_of_two",
    "sql": "benchmarks.peers.hand_sql",
    "pandas": "benchmarks.peers.with_pandas",
    "numpy": "benchmarks.peers.with_numpy",
    "duckdb": "benchmarks.peers.with_duckdb",
}


class ContestantFailed(Exception):
    """A contestant ended with an error; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a contestant took."""

    seconds: float
    stages: dict[str, float]
    peak_rss_mb: float
    told: dict[str, Any] = field(default_factory=dict)
    stolen_s: float = 0.0  # see `stages.stolen_s`


def measure(name: str, url: str, day: date, scratch: Path, **environment: str) -> Result:
    """Run a contestant, with these variables in its environment, and read what it tells.

    Raises:
        ContestantFailed: it ended with an error.
    """
    command = [sys.executable, "-m", "benchmarks.contestant", name, url, day.isoformat(), str(scratch)]
    before = stolen_s()
    done = subprocess.run(
        command,
        cwd=Path(__file__).parents[1],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ContestantFailed(f"{name} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    return Result(**json.loads(done.stdout.splitlines()[-1]), stolen_s=stolen_s() - before)


def main(name: str, url: str, day: str, scratch: str) -> None:
    """Run one contestant here; what is imported is imported before the clock starts."""
    run = import_module(MODULES[name]).run
    stages = Stages()
    with peak_memory() as peaks:
        began = perf_counter()
        told = run(url, date.fromisoformat(day), Path(scratch), stages) or {}
        seconds = perf_counter() - began
    result = {"seconds": seconds, "stages": stages.seconds, "peak_rss_mb": peaks[-1], "told": told}
    print(json.dumps(result))


if __name__ == "__main__":
    main(*sys.argv[1:])
