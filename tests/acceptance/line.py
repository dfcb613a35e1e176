"""A line of the requirements, held at full size: what it says, and a function that measures it."""

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOREIGN = ("INSIGHTS_", "DATABASE_URL", "OPENAI_", "PG")
SHARED = Path(os.environ.get("INSIGHTS_SHARED") or ROOT.parent / "shared") / "data"


class Skipped(Exception):
    """The line cannot be measured here; says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, what must hold, what gives the figure. One that does not hold raises AssertionError."""

    name: str
    holds: str
    measure: Callable[[], str]


LINES: list[Line] = []


def line(holds: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Register a function as a line; it returns the figure."""

    def register(function: Callable[[], str]) -> Callable[[], str]:
        LINES.append(Line(function.__name__, holds, function))
        return function

    return register


def shared(*parts: str) -> Path:
    """A file of the shared data. Raises Skipped where there is none."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        raise Skipped(f"no {path.name}: INSIGHTS_SHARED may name the folder that holds data/")
    return path


def run(
    command: Sequence[str | Path], *, cwd: Path, home: Path | None = None, expect: int = 0, timeout_s: float = 1800
) -> subprocess.CompletedProcess[str]:
    """Run a command in a clean environment. Raises AssertionError with its output where it ends otherwise."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    if home is not None:
        kept["INSIGHTS_HOME"] = str(home)
    kept.setdefault("INSIGHTS_SHARED", str(SHARED.parent))
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=kept,
        text=True,
        capture_output=True,
        timeout=timeout_s,
        check=False,
    )
    told = f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    assert done.returncode == expect, f"{command} ended with {done.returncode}:\n{told}"
    return done
