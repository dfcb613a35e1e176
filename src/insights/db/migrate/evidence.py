"""Evidence after a migration: rows, tables, queries, the old app's statements. What is written here is rolled back."""

import statistics
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from insights import assets
from insights.db.migrate import ledger, legacy, runner
from insights.db.migrate.files import Step, steps
from insights.db.migrate.rehearse import ANNOUNCED, RUNNERS_OWN
from insights.db.migrate.trial_rows import EMAIL, TrialRows

RUNS = 5  # of each query and key; the median counts
SLOWER = 1.5  # the most that a query may take of what its predecessor took ...
SLACK_MS = 2.0  # ... beyond this, which is noise
LIMIT_MS = 50.0  # for a query that has no predecessor any more

Evidence = dict[str, Any]


def data_preserved(connection: psycopg.Connection[Any], url: str, folder: Path | None) -> tuple[bool, Evidence]:
    """`verify` finds nothing, and every legacy row stands in the new tables or in the quarantine."""
    findings = runner.verify(url, folder=folder)
    wrong = [f for f in findings if not f.problem.startswith(ANNOUNCED)]
    with connection.cursor(row_factory=dict_row) as cursor:
        counts = cursor.execute(ledger.statement("carried_over")).fetchall()
    lost = [row["what"] for row in counts if row["new"] + row["quarantined"] < row["legacy"]]
    evidence = {
        "findings": [f"{f.id}: {f.problem}: {f.subject}" for f in wrong],
        "pending": [f"{f.id}: {f.problem}: {f.subject}" for f in findings if f not in wrong],
        "rows": counts,
        "lost": lost,
    }
    return not wrong and not lost, evidence


def new_features(connection: psycopg.Connection[Any]) -> tuple[bool, Evidence]:
    """Every new table takes a row and gives it back."""
    known = set(legacy.declared())
    names = [name for (name,) in connection.execute(ledger.statement("trial_tables")).fetchall()]
    tables = [name for name in names if name not in known and not name.startswith(RUNNERS_OWN)]
    failed: dict[str, str] = {}
    for table in tables:
        with _rolled_back(connection):
            try:
                if not TrialRows(connection).write_and_read(table):
                    failed[table] = "the row that was written is not there"
            except psycopg.Error as error:
                failed[table] = str(error).strip()
    return bool(tables) and not failed, {"tables": [t for t in tables if t not in failed], "failed": failed}


def workflows(connection: psycopg.Connection[Any]) -> tuple[bool, Evidence]:
    """The old app's statements still work, and with live sync their rows arrive in the new tables."""
    names = ("user", "plan", "subscription", "category", "exercise", "workout", "workout_exercise", "session", "set")
    values: dict[str, Any] = {name: uuid.uuid4() for name in names} | {"address": EMAIL}
    live = bool(ledger.scalar(connection, "live_sync"))
    evidence: Evidence = {"live_sync": live, "statements": [], "failed": {}}
    with _rolled_back(connection):
        connection.execute("SELECT set_config('insights.sync', '', true)")  # as the old app: its rows are carried over
        for step in _workflow():
            try:
                cursor = connection.execute(step.sql.encode(), values)
                problem = "it touches no row" if cursor.rowcount == 0 else ""
                if not problem and live:
                    problem = _arrived(connection, step.name, values)
            except psycopg.Error as error:
                problem = str(error).strip()
            if problem:
                evidence["failed"][step.name] = problem
                break
            evidence["statements"].append(step.name)
    return not evidence["failed"], evidence


def _arrived(connection: psycopg.Connection[Any], step: str, values: Mapping[str, Any]) -> str:
    wanted = {"record a set": (8,), "edit the set": (7,), "delete the set": None}
    if step not in wanted:
        return ""
    query = "SELECT reps_completed FROM set_executions WHERE id = %(set)s"
    found = connection.execute(query, values).fetchone()
    return "" if found == wanted[step] else f"set_executions has {found}, not {wanted[step]}"


@cache
def _workflow() -> tuple[Step, ...]:
    text = assets.text("sql", "migrations", "checks", "workflows.sql")
    return steps(text, "workflows.sql")


def benchmarks(connection: psycopg.Connection[Any]) -> tuple[bool, Evidence]:
    """The named queries of `sql/migrations/checks/`, on the legacy tables and on the new ones."""
    folder = assets.path("sql", "migrations", "checks")
    with connection.cursor(row_factory=dict_row) as cursor:
        keys = cursor.execute(assets.text("sql", "migrations", "checks", "bench_keys.sql").encode()).fetchall()
    told = {}
    ok = True
    for path in sorted(folder.glob("bench_*.after.sql")):
        name = path.name.removeprefix("bench_").removesuffix(".after.sql")
        before = _median_ms(connection, f"bench_{name}.before.sql", keys)
        after = _median_ms(connection, path.name, keys)
        limit = LIMIT_MS if before is None else before * SLOWER + SLACK_MS
        ok = ok and after is not None and after <= limit
        told[name] = {"before_ms": before, "after_ms": after, "limit_ms": round(limit, 3)}
    return ok, {"queries": told, "keys": len(keys), "runs": RUNS}


def _median_ms(connection: psycopg.Connection[Any], name: str, keys: list[dict[str, Any]]) -> float | None:
    """The median time of a query over all keys; None where its tables are gone."""
    text = assets.text("sql", "migrations", "checks", name).encode()
    taken = []
    for values in keys or [{"session": None, "user": None, "workout": None}]:
        for _ in range(RUNS):
            started = time.perf_counter()
            try:
                with connection.transaction():
                    connection.execute(text, values).fetchall()
            except psycopg.errors.UndefinedTable:
                return None
            taken.append((time.perf_counter() - started) * 1000)
    return round(statistics.median(taken), 3)


def analytics_flow(connection: psycopg.Connection[Any]) -> tuple[bool, Evidence]:
    """A run ended well after the last migration was applied."""
    with connection.cursor(row_factory=dict_row) as cursor:
        run = cursor.execute(ledger.statement("last_good_run")).fetchone()
    if run is None:
        return False, {"run": None}
    ok = not run["failed_users"] and run["finished_at"] >= run["migrated_at"]
    return ok, dict(run)


@contextmanager
def _rolled_back(connection: psycopg.Connection[Any]) -> Iterator[None]:
    with connection.transaction(force_rollback=True):
        yield
