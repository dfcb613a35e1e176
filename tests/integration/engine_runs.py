"""Runs of the engine as processes of their own, to be killed, and what they leave behind."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier
from tests.acceptance.road import INSIGHTS

from insights.db.connection import connect
from insights.simulate.store import Cohort, write_cohort

AS_OF = date(2025, 6, 1)
SHORT = Cohort(lifters=8, weeks=6, seed=11, until=AS_OF, ugliness=0.3)
LONG = replace(SHORT, weeks=44)  # more than a night reads of the past
RESULTS = ("volume_analytics", "strength_progressions", "insight_data_points")
TABLES = (
    *RESULTS,
    "engine_states", "engine_lift_days", "engine_user_days", "engine_context_days", "engine_lift_bests",
    "engine_changes",
)  # fmt: skip
PATIENCE_S = 120


def fill(url: str, cohort: Cohort = SHORT) -> None:
    with connect(url, autocommit=True) as connection:
        write_cohort(connection, cohort)


def contents(url: str) -> dict[str, list[Any]]:
    """Every row that the engine has written, without the time of its making."""
    found = {}
    with psycopg.connect(url) as connection:
        for table in TABLES:
            query = SQL("SELECT to_jsonb(t) - 'created_at' FROM {} AS t ORDER BY 1").format(Identifier(table))
            found[table] = [row for (row,) in connection.execute(query).fetchall()]
    return found


def is_whole(found: dict[str, list[Any]]) -> bool:
    """Whether everything has been derived, and no change is left to look at. A short history has no bests yet."""
    derived = {table for table, rows in found.items() if rows}
    return derived >= {*RESULTS, "engine_states", "engine_lift_days"} and not found["engine_changes"]


def empty(url: str) -> None:
    """Take away everything that the engine has written."""
    with psycopg.connect(url) as connection:
        for table in TABLES:
            connection.execute(SQL("TRUNCATE {}").format(Identifier(table)))


def rows(url: str, query: str, *parameters: Any) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(query, parameters).fetchall()


def job_file(folder: Path, **keys: Any) -> Path:
    """A backfill in shards of one user, so that there is always something half done."""
    settings = {"name": "backfill", "steps": ["analytics"], "shard_users": 1} | keys
    path = folder / "job.toml"
    path.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items()))
    return path


def start(url: str, job: Path, *options: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """The command as a process; it reads the database's URL from its environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "OPENAI_"))}
    kept |= {"DATABASE_URL": url} | dict(environment or {})
    command = [str(INSIGHTS), "run", str(job), "--as-of", AS_OF.isoformat(), "--json", *options]
    return subprocess.Popen(command, env=kept, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(process: subprocess.Popen[str], *, expect: int = 0) -> dict[str, Any]:
    """What the command said, once it has ended as expected."""
    said, complaints = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == expect, complaints[-3000:]
    found: dict[str, Any] = json.loads(said) if said else {}
    return found


def wait_until(true: Callable[[], Any], what: str) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < limit, f"never seen: {what}"
        time.sleep(0.05)  # each look is a connection, which costs what is looked at its time


def workers_of(pid: int) -> list[int]:
    """The worker processes that a run has spawned."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int(folder.joinpath("stat").read_text().rpartition(")")[2].split()[1])
                if parent == pid and "spawn_main" in folder.joinpath("cmdline").read_text():
                    found.append(int(folder.name))
            except OSError:  # it has ended meanwhile
                continue
    return found
