"""Every migration up on a busy database, and down again: the app's longest wait, the time, the price of batches.

    python -m tests.acceptance.migrations [SETS]

The server is one of its own, durable as a real one (fsync on). `ratio` compares the two moves of exercise_sets in
batches with the same rows moved by one INSERT .. SELECT each, both without traffic.
"""

import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from insights.db import embedded, migrate
from insights.settings import Settings
from tests.conftest import create, drop, named
from tests.migration import old_app

GOAL_MS, LIMIT_MS, RATIO_GOAL = 250, 500, 2.0
MOVES = ("04.02", "04.03")
BATCH_RANGE = re.compile(r"\b(s|same|ws)\.id BETWEEN \$1 AND \$2\b")


def run(sets: int) -> dict[str, Any]:
    """Figures at `sets` legacy sets; times in seconds, waits in milliseconds."""
    with _server() as server:
        create(server, "legacy")
        legacy = named(server, "legacy")
        migrate.up(legacy, "00.00")
        size = max(sets, 2000)
        old_app.seed(legacy, users=max(size // 2000, 40), workouts=size // 250, sessions=size // 20, sets=sets)
        quiet = _quiet(server)
        return {"sets": sets, **_busy(server), **quiet}


def _busy(server: str) -> dict[str, Any]:
    create(server, "busy", template="legacy")
    url = named(server, "busy")
    found: dict[str, Any] = {}
    for way in ("up", "down"):
        with old_app.at_work(url, clients=2, pause_s=0.05, by_key=True) as calm:
            time.sleep(5)
        with old_app.at_work(url, clients=2, pause_s=0.05, open_s=4, by_key=True) as told:
            started = time.monotonic()
            if way == "up":
                migrate.up(url)
            else:
                migrate.down(url, "00.00")
            seconds = time.monotonic() - started
        found |= {
            f"{way}_s": round(seconds, 2),
            f"{way}_longest_wait_ms": round(told.longest_s * 1000),
            f"{way}_longest_before_ms": round(calm.longest_s * 1000),
            f"{way}_longest_wait": told.longest.split("VALUES")[0][:120],
            f"{way}_transactions": told.transactions,
            f"{way}_reconnects": told.reconnects,
            f"{way}_errors": told.errors,
        }
        if way == "up":
            found["problems"] = len(migrate.verify(url))
            found["quarantined"] = _one(url, "SELECT count(DISTINCT source_id) FROM migration_quarantine")
    drop(server, "busy")
    return found


def _quiet(server: str) -> dict[str, Any]:
    """The moves of the sets in batches and at once, on copies that nobody else uses."""
    seconds = dict.fromkeys(("batches", "at_once"), 0.0)
    for kind in seconds:
        create(server, kind, template="legacy")
        url = named(server, kind)
        migrate.up(url, "04.01")
        seconds[kind] = _batches(url) if kind == "batches" else _at_once(url)
        drop(server, kind)
    return {
        "batches_s": round(seconds["batches"], 2),
        "at_once_s": round(seconds["at_once"], 2),
        "ratio": round(seconds["batches"] / seconds["at_once"], 3),
    }


def _batches(url: str) -> float:
    took: dict[tuple[str, str], float] = {}

    def hear(event: migrate.Event) -> None:
        if event.id in MOVES:
            sign = -1 if event.kind == "start" else 1 if event.kind == "done" else 0
            took[event.id, event.step_name] = took.get((event.id, event.step_name), 0.0) + sign * time.monotonic()

    migrate.up(url, MOVES[-1], on_step=hear)
    batched = {(m.id, step.name) for m in migrate.discover() for step in m.up if step.batches}
    return sum(seconds for step, seconds in took.items() if step in batched)


def _at_once(url: str) -> float:
    """The same steps, their batches as one statement over all rows."""
    seconds = 0.0
    with psycopg.connect(url, autocommit=True) as connection:
        for migration in migrate.discover():
            if migration.id not in MOVES:
                continue
            for step in migration.up:
                text = BATCH_RANGE.sub("true", step.sql) if step.batches else step.sql
                started = time.monotonic()
                connection.execute(text.encode(), prepare=False)
                seconds += time.monotonic() - started if step.batches else 0.0
    return seconds


@contextmanager
def _server() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="insights-acceptance-"))
    folder.chmod(0o711)
    own = Settings.model_construct(home=folder / "home", db_idle_minutes=240)
    try:
        url = embedded.start(own, extra_settings={"max_wal_size": "8GB", "max_connections": "40"}).url
        assert url is not None
        yield named(url, "postgres")
    finally:
        embedded.stop(own)
        shutil.rmtree(folder, ignore_errors=True)


def _one(url: str, query: str) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def main(arguments: list[str]) -> int:
    """Print the figures as JSON; 1 where a limit does not hold."""
    found = run(int(arguments[0]) if arguments else 5_000_000)
    print(json.dumps(found, indent=2))
    waits = max(found["up_longest_wait_ms"], found["down_longest_wait_ms"])
    held = waits <= LIMIT_MS and not found["up_errors"] and not found["down_errors"] and not found["problems"]
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
