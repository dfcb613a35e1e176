"""What change tracking costs the app: the same statements with the triggers of 07.06 and without.

    python -m benchmarks.changes URL [--pairs N] [--json FILE]

URL names any database of a server on which scratch databases may be made, with the durability that the app has: a
commit that waits for no disk makes the triggers look dear. Two databases, one migrated to 07.05 and one to 07.06, get
the same statements in turns, so that a slow moment of the machine touches both sides alike. A commit is one single-row
statement: the ratio is that of the medians of all. A statement is one over ROWS rows: the ratio is the median over its
pairs.
"""

import argparse
import json
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, LiteralString
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from insights.db import migrate

SERIES = 200
ROWS = 20_000
LIMITS = {"commit": 1.10, "statement": 1.25}
BEFORE, AFTER = "07.05", "07.06"

# 100 users, 2,000 sessions, 10,000 performances; ROWS sets are those of the first 1,000 sessions.
SEED: tuple[LiteralString, ...] = (
    "INSERT INTO users (id, email, username, tz) SELECT md5('u' || n)::uuid, n || '@example.org', 'u' || n, 'UTC'"
    " FROM generate_series(1, 100) AS n",
    "INSERT INTO exercise_categories (id, name) VALUES (md5('c')::uuid, 'Barbell')",
    "INSERT INTO exercise_catalog (id, name, category_id) SELECT md5('e' || n)::uuid, 'Lift ' || n, md5('c')::uuid"
    " FROM generate_series(1, 5) AS n",
    "INSERT INTO workouts (id, name, created_by_id) VALUES (md5('w')::uuid, 'Day', md5('u1')::uuid)",
    "INSERT INTO workout_block_exercises (id, workout_block_id, exercise_id, exercise_order)"
    " SELECT md5('be' || n)::uuid, b.id, md5('e' || n)::uuid, n FROM generate_series(1, 5) AS n, workout_blocks AS b",
)
SESSIONS: tuple[LiteralString, ...] = (  # a session makes its performances itself
    "INSERT INTO workout_sessions (id, user_id, workout_id, status, start_time)"
    " SELECT md5('s' || n)::uuid, md5('u' || 1 + n % 100)::uuid, md5('w')::uuid, 'COMPLETED',"
    " timestamptz '2025-01-01Z' + n * interval '6 hours' FROM generate_series(1, 2000) AS n"
    " ON CONFLICT (id) DO NOTHING",
)
PLACED: LiteralString = (
    " SELECT gen_random_uuid(), p.id, k, 100, 5, 8 FROM exercise_performances AS p, generate_series(1, 4) AS k"
    " WHERE p.workout_session_id IN (SELECT md5('s' || n)::uuid FROM generate_series(1, 1000) AS n)"
)
INTO: LiteralString = (
    "INSERT INTO set_executions (id, exercise_performance_id, set_number, weight_kg, reps_completed, rpe_value)"
)
MANY: LiteralString = INTO + PLACED
ONE: LiteralString = INTO + " VALUES (%s, %s, 1, 100, 5, 8)"
CLEAR: LiteralString = "TRUNCATE set_executions, imported_sets"

Connection = psycopg.Connection[Any]
Series = tuple[LiteralString, list[tuple[Any, ...]]]  # a statement, and the values of each commit
Kind = Literal["commit", "statement"]


@dataclass(frozen=True, slots=True)
class Ratio:
    """How much slower a statement is with the triggers; the limit, and whether it is kept."""

    statement: str
    kind: Kind
    ratio: float
    without_ms: float
    with_ms: float
    limit: float
    kept: bool


def timed(connection: Connection, statement: LiteralString) -> float:
    """Seconds of one statement and its commit."""
    started = time.perf_counter()
    connection.execute(statement)
    return time.perf_counter() - started


def some(connection: Connection, table: LiteralString) -> list[tuple[Any, ...]]:
    """The ids of SERIES rows."""
    return connection.execute(f"SELECT id FROM {table} ORDER BY id LIMIT {SERIES}").fetchall()


def insert_one(connection: Connection) -> Series:
    """A set, logged."""
    return ONE, [(uuid.uuid4(), key) for (key,) in some(connection, "exercise_performances")]


def update_one(connection: Connection) -> Series:
    """A set, corrected."""
    connection.execute(MANY)
    return "UPDATE set_executions SET reps_completed = reps_completed + 1 WHERE id = %s", some(
        connection, "set_executions"
    )


def delete_one(connection: Connection) -> Series:
    """A set, deleted."""
    connection.execute(MANY)
    return "DELETE FROM set_executions WHERE id = %s", some(connection, "set_executions")


def end_session(connection: Connection) -> Series:
    """A session, ended."""
    statement: LiteralString = "UPDATE workout_sessions SET end_time = clock_timestamp() WHERE id = %s"
    return statement, some(connection, "workout_sessions")


def touch_user(connection: Connection) -> Series:
    """A user, of whom nothing changes that the engine reads."""
    statement: LiteralString = "UPDATE users SET updated_at = clock_timestamp() WHERE id = %s"
    return statement, some(connection, "users") * 2


def insert_many(connection: Connection) -> float:
    """Sets of 1,000 sessions."""
    return timed(connection, MANY)


def copy_many(connection: Connection) -> float:
    """The same by COPY."""
    rows = connection.execute(PLACED).fetchall()
    started = time.perf_counter()
    columns = INTO.removeprefix("INSERT INTO ")
    with connection.cursor().copy(f"COPY {columns} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    return time.perf_counter() - started


def update_many(connection: Connection) -> float:
    """All of them changed."""
    insert_many(connection)
    return timed(connection, "UPDATE set_executions SET reps_completed = reps_completed + 1")


def delete_many(connection: Connection) -> float:
    """All of them deleted."""
    insert_many(connection)
    return timed(connection, "DELETE FROM set_executions")


def cascade(connection: Connection) -> float:
    """1,000 sessions deleted, and with them 5,000 performances and their sets."""
    insert_many(connection)
    took = timed(
        connection,
        "DELETE FROM workout_sessions WHERE id IN (SELECT md5('s' || n)::uuid FROM generate_series(1, 1000) AS n)",
    )
    for statement in SESSIONS:
        connection.execute(statement)
    return took


COMMITS = (insert_one, update_one, delete_one, end_session, touch_user)
STATEMENTS = (insert_many, copy_many, update_many, delete_many, cascade)


def compare(without: Connection, tracked: Connection, pairs: int) -> Iterator[Ratio]:
    """The ratio of every statement."""
    for prepare in COMMITS:
        plain, with_log = [], []
        for turn in range(pairs + 1):
            took = list(_in_turns(without, tracked, prepare))
            if turn:  # the first warms up
                plain += [one for one, _ in took]
                with_log += [other for _, other in took]
        fast, slow = statistics.median(plain), statistics.median(with_log)
        yield _ratio(prepare.__name__, "commit", slow / fast, fast, slow)
    for work in STATEMENTS:
        pairs_taken = []
        for turn in range(pairs + 1):
            times = {}
            for side in (without, tracked) if turn % 2 else (tracked, without):
                _clear(side)
                times[id(side)] = work(side)
            if turn:
                pairs_taken.append((times[id(without)], times[id(tracked)]))
        ratio = statistics.median(other / one for one, other in pairs_taken)
        fast, slow = (statistics.median(side) for side in zip(*pairs_taken, strict=True))
        yield _ratio(work.__name__, "statement", ratio, fast, slow)


def _in_turns(
    without: Connection, tracked: Connection, prepare: Callable[[Connection], Series]
) -> Iterator[tuple[float, float]]:
    """Seconds of one commit on either side, in turns, and every second time the other one first."""
    sides = []
    for connection in (without, tracked):
        _clear(connection)
        sides.append((connection, *prepare(connection)))
    for turn, rows in enumerate(zip(*(side[2] for side in sides), strict=True)):
        took = [0.0, 0.0]
        for number in (0, 1) if turn % 2 else (1, 0):
            connection, statement, _ = sides[number]
            started = time.perf_counter()
            connection.execute(statement, rows[number], prepare=True)
            took[number] = time.perf_counter() - started
        yield took[0], took[1]


def _clear(connection: Connection) -> None:
    connection.execute(CLEAR)
    if connection.execute("SELECT to_regclass('analytics_changes')").fetchone() != (None,):
        connection.execute("TRUNCATE analytics_changes")


def _ratio(statement: str, kind: Kind, ratio: float, fast: float, slow: float) -> Ratio:
    limit = LIMITS[kind]
    return Ratio(statement, kind, round(ratio, 3), round(1000 * fast, 3), round(1000 * slow, 3), limit, ratio <= limit)


@contextmanager
def scratch(url: str, upto: str) -> Iterator[Connection]:
    """A connection to a seeded database that is dropped afterwards."""
    name = f"changes_{uuid.uuid4().hex[:12]}"
    own = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            migrate.up(own, upto)
            with psycopg.connect(own, autocommit=True) as connection:
                for statement in SEED + SESSIONS:
                    connection.execute(statement)
                connection.execute("VACUUM ANALYZE")
                yield connection
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def main(arguments: Sequence[str]) -> int:
    """Print the ratios; 1 where a limit is not kept."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.changes")
    parser.add_argument("url")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    found = []
    with ExitStack() as stack:
        without, tracked = (stack.enter_context(scratch(options.url, upto)) for upto in (BEFORE, AFTER))
        for one in compare(without, tracked, options.pairs):
            found.append(one)
            mark = "" if one.kept else "  TOO SLOW"
            print(
                f"{one.statement:12} {one.without_ms:10.3f} ms -> {one.with_ms:10.3f} ms   x {one.ratio:.3f}"
                f" (limit {one.limit}){mark}",
                flush=True,
            )
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in found], indent=2), encoding="utf-8")
    return 0 if all(one.kept for one in found) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
