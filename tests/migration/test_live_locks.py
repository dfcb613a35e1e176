import re
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.migration import old_app

from insights import assets
from insights.db import migrate
from insights.db.migrate.files import Migration, Step

MODES = (
    "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock",
    "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
)  # fmt: skip
HARMLESS = 3  # the modes of plain reads and writes; the locks of rows are another matter
DECLARED = re.compile(r"^-- locks: (.+)$", re.MULTILINE)
OURS = [migration for migration in migrate.discover() if migration.id != "00.00"]
HELD = """
    SELECT c.relname, l.mode
    FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
    WHERE l.pid = %s AND l.locktype = 'relation' AND l.granted AND c.relkind = 'r'
      AND c.relnamespace = 'public'::regnamespace
"""
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


def declared(migration: Migration, way: str) -> dict[str, str]:
    text = assets.path("sql", "migrations", f"{migration.id}_{migration.name}.{way}.sql").read_text()
    (found,) = DECLARED.findall(text)
    pairs = [] if found == "none" else [entry.split(" ", 1) for entry in found.split(", ")]
    return {table: "".join(word.capitalize() for word in mode.split()) + "Lock" for table, mode in pairs}


def test_each_statement_takes_only_the_locks_that_its_migration_declares(empty_database: str) -> None:
    migrate.up(empty_database, "00.00")
    old_app.seed(empty_database, users=4, workouts=4, sessions=8, sets=60)
    for migration in OURS:
        assert taken(empty_database, migration.up) == declared(migration, "up"), f"{migration.id} up"
    for migration in reversed(OURS):
        assert taken(empty_database, migration.down) == declared(migration, "down"), f"{migration.id} down"


def taken(url: str, steps: tuple[Step, ...]) -> dict[str, str]:
    """The strongest lock on each table that stood before, of those that someone may wait for."""
    strongest: dict[str, str] = {}
    with psycopg.connect(url, autocommit=True) as connection:
        standing = {name for (name,) in connection.execute(TABLES)} - {"migration_quarantine", "insights_migrations"}
        for step in steps:
            for table, mode in held(url, connection, step):
                if table in standing and MODES.index(mode) >= max(
                    HARMLESS, MODES.index(strongest.get(table, MODES[0]))
                ):
                    strongest[table] = mode
    return strongest


def held(url: str, connection: psycopg.Connection[Any], step: Step) -> list[tuple[str, str]]:
    if not step.transactional:
        return held_by_a_build(url, connection, step)
    with connection.transaction():
        if step.batches:
            with psycopg.RawCursor(connection) as cursor:
                cursor.execute(step.sql.encode(), (UUID(int=0), UUID(int=2**128 - 1)))
        else:
            connection.execute(step.sql.encode(), prepare=False)
        return connection.execute(HELD, (connection.info.backend_pid,)).fetchall()


def held_by_a_build(url: str, connection: psycopg.Connection[Any], step: Step) -> list[tuple[str, str]]:
    """A concurrent build waits for a transaction that writes the table; another session looks at it meanwhile."""
    match = re.search(r"ON (\w+)|EXISTS (\w+)\s*;?$", step.sql)
    assert match
    with psycopg.connect(url) as writer, psycopg.connect(url, autocommit=True) as watcher:
        table = match[1]
        if table is None:
            (table,) = watcher.execute(
                "SELECT indrelid::regclass::text FROM pg_index WHERE indexrelid = %s::regclass", (match[2],)
            ).fetchone() or ("",)
        writer.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE".encode())
        build = threading.Thread(target=connection.execute, args=(step.sql.encode(),))
        build.start()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            waiting = watcher.execute(
                "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s", (connection.info.backend_pid,)
            ).fetchone()
            if waiting == (True,):
                break
            time.sleep(0.02)
        found = watcher.execute(HELD, (connection.info.backend_pid,)).fetchall()
        writer.rollback()
        build.join(20)
    return found


@pytest.fixture
def one_set(empty_database: str) -> Iterator[str]:
    migrate.up(empty_database, "00.00")
    old_app.seed(empty_database, users=1, workouts=1, sessions=1, sets=3)
    migrate.up(empty_database, "04.02")
    with psycopg.connect(empty_database, autocommit=True) as connection:
        for step in sets_migration().up:
            if not step.batches:
                connection.execute(step.sql.encode(), prepare=False)
    yield empty_database


def sets_migration() -> Migration:
    return next(migration for migration in migrate.discover() if migration.id == "04.03")


@pytest.mark.parametrize(
    ("change", "locks", "ghosts"),
    [
        ("DELETE FROM exercise_sets WHERE rpe = 8", "FOR SHARE OF s", 0),
        ("DELETE FROM exercise_sets WHERE rpe = 8", "", 2),
        ("UPDATE exercise_sets SET weight = 1e9 WHERE rpe = 8", "FOR SHARE OF s", 0),
        ("UPDATE exercise_sets SET weight = 1e9 WHERE rpe = 8", "FOR KEY SHARE OF s", 2),
    ],
)
def test_a_row_that_goes_during_a_batch_stays_gone_only_with_row_locks(
    one_set: str, change: str, locks: str, ghosts: int
) -> None:
    batch = next(step.sql for step in sets_migration().up if step.batches == "exercise_sets")
    slow = batch.replace("WHERE m.misfit IS NULL\n", "WHERE m.misfit IS NULL AND (SELECT pg_sleep(1)) IS NOT NULL\n")
    assert slow != batch
    assert "FOR SHARE OF s" in slow
    text = slow.replace("FOR SHARE OF s", locks)
    with psycopg.connect(one_set, autocommit=True) as connection, psycopg.RawCursor(connection) as cursor:
        values = (UUID(int=0), UUID(int=2**128 - 1))
        backfill = threading.Thread(target=cursor.execute, args=(text.encode(), values))
        backfill.start()
        with psycopg.connect(one_set, autocommit=True) as app:
            deadline = time.monotonic() + 20
            while not app.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").fetchone():
                assert time.monotonic() < deadline
                time.sleep(0.02)
            app.execute(change.encode())
        backfill.join(30)
        found = connection.execute(
            "SELECT count(*) FROM set_executions AS e LEFT JOIN exercise_sets AS s ON s.id = e.id"
            " WHERE s.weight IS DISTINCT FROM e.weight_kg::float8"
        ).fetchone()
    assert found == (ghosts,)


def test_a_full_lock_queue_is_waited_out_in_short_turns(one_set: str) -> None:
    longest = 0.0
    with psycopg.connect(one_set) as holder, psycopg.connect(one_set, autocommit=True) as reader:
        holder.execute("SELECT count(*) FROM subscriptions")
        up = threading.Thread(target=alter, args=(one_set,))
        up.start()
        ends = time.monotonic() + 2
        while time.monotonic() < ends:
            started = time.monotonic()
            reader.execute("SELECT count(*) FROM subscriptions")
            longest = max(longest, time.monotonic() - started)
            time.sleep(0.01)
        assert up.is_alive()
        holder.rollback()
        up.join(20)
    assert not up.is_alive()
    assert 0.05 < longest < 0.6


def alter(url: str) -> None:
    from insights.db.migrate.session import Session, session

    with session(url, None, 30) as runner:
        assert isinstance(runner, Session)
        runner.patiently(
            lambda: runner.connection.execute("ALTER TABLE subscriptions ADD COLUMN more int"), "more", lambda: None
        )
