"""Asking a model at full size: how fast, and without losing or repeating a question."""

import json
import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psycopg

from insights.db.connection import connect
from insights.llm.endpoint import Endpoint
from insights.llm.fake import FakeEndpoint, Fault
from insights.pipeline import run as runs
from insights.pipeline.planning import terms_of
from insights.pipeline.settling import Told
from insights.pipeline.telling import tell
from insights.simulate.store import write_cohort
from tests.acceptance.line import line, run
from tests.acceptance.road import INSIGHTS, workplace
from tests.integration.insight_fixture import AS_OF, COHORT, NOW, honest, job_of

INSIGHTS_WANTED = 10_000
SLOTS = 200
LATENCY_S = 1.0
ROOM_IN_A_STORM = 100  # questions a second
COPIED = ("users", "insight_data_points")  # what the second half reads of a user, beside the subscriptions


def serve(pipe: Connection, latency_s: float, storm: bool) -> None:
    """The fake endpoint, in a process of its own. In a storm, each second has room for so many questions."""
    began, asked = time.monotonic(), {}  # type: ignore[var-annotated]

    def answer(body: dict[str, Any]) -> Fault:
        second = int(time.monotonic() - began)
        asked[second] = asked.get(second, 0) + 1
        if storm and asked[second] > ROOM_IN_A_STORM:
            return Fault(429, retry_after="1")
        return Fault(text=honest(body), delay_s=latency_s)

    with FakeEndpoint(answer) as fake:
        pipe.send(fake.url)
        pipe.recv()
        pipe.send(len(fake.requests))


@contextmanager
def elsewhere(latency_s: float = LATENCY_S, *, storm: bool = False) -> Iterator[tuple[str, Connection]]:
    """The URL of a fake endpoint in another process; whatever is sent to it makes it tell the number of requests."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=serve, args=(there, latency_s, storm), daemon=True)
    process.start()
    yield here.recv(), here
    process.kill()


def many_readers(folder: Path, home: Path, wanted: int) -> tuple[str, list[Any]]:
    """A database where so many insights or a few more are wanted: one lifter's facts, under many ids."""
    url = json.loads(run([INSIGHTS, "db", "start", "--json"], cwd=folder, home=home).stdout)["url"]
    run([INSIGHTS, "migrate", "up"], cwd=folder, home=home)
    with connect(url, autocommit=True) as connection:
        write_cohort(connection, COHORT)
        connection.execute("UPDATE subscriptions SET current_period_start = '2020-01-01'")
    runs.run(url, job_of(steps=("analytics",)), now=NOW, as_of=AS_OF)
    once = tell(url, [(AS_OF, all_users(url))], terms=terms_of(job_of(), None, NOW), on_failure=fail)
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM user_insights")
        copies = -(-wanted // once.wanted) - 1
        for table in COPIED:
            copy_rows(connection, table, copies)
        connection.execute(
            "INSERT INTO subscriptions (id, user_id, plan_id, is_active, current_period_start)"
            " SELECT gen_random_uuid(), u.id, (SELECT max(plan_id::text)::uuid FROM subscriptions), true, '2020-01-01'"
            " FROM users AS u WHERE NOT EXISTS (SELECT FROM subscriptions AS s WHERE s.user_id = u.id)"
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return url, all_users(url)


def copy_rows(connection: psycopg.Connection[Any], table: str, copies: int) -> None:
    """Copies of a table's rows; ids of rows and users are derived from the copied ones."""
    columns = [
        name
        for (name,) in connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            (table,),
        )
    ]
    made = {"id": "md5(t.id::text || c.copy)::uuid", "email": "c.copy || t.email", "username": "c.copy || t.username"}
    if table != "users":
        made["user_id"] = "md5(t.user_id::text || c.copy)::uuid"
    values = ", ".join(made.get(name, f"t.{name}") for name in columns)
    connection.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values}"
        f" FROM (SELECT * FROM {table}) AS t CROSS JOIN generate_series(1, {copies}) AS c (copy)".encode()
    )


def all_users(url: str) -> list[Any]:
    """Every user's id."""
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM users ORDER BY id")]


def fail(user: object, error: Exception) -> None:
    """No user may fail here."""
    raise AssertionError(f"{user}: {error}")


def told(url: str, users: list[Any], endpoint: str, deadline_s: float = 600) -> tuple[Told, float]:
    """The whole second half, and its seconds."""
    asked = Endpoint(endpoint, "fake", concurrency=SLOTS, deadline_s=deadline_s)
    began = time.monotonic()
    done = tell(url, [(AS_OF, users)], terms=terms_of(job_of(), asked, NOW), on_failure=fail)
    return done, time.monotonic() - began


@line(
    "10,000 insights from a model with 1 s latency and 200 slots within 1.2 x of the ideal time; a day later, no call"
)
def ten_thousand() -> str:
    """Facts to stored insights: planning, ledger, calls, proof and writing all count."""
    return measured(INSIGHTS_WANTED)


def measured(wanted: int) -> str:
    """The figure for so many insights."""
    with workplace() as (folder, home), elsewhere() as (endpoint, pipe):
        url, users = many_readers(folder, home, wanted)
        done, seconds = told(url, users, endpoint)
        again, quiet_s = told(url, users, endpoint)
        pipe.send("?")
        requests = pipe.recv()
    ideal_s = done.wanted / SLOTS * LATENCY_S
    figure = f"{done.wanted} insights in {seconds:.1f} s, ideal {ideal_s:.1f} s ({seconds / ideal_s:.2f} x)"
    assert done.by_model == done.wanted == requests == again.unchanged, (done, again, requests)
    assert again.calls == 0
    assert seconds <= 1.2 * ideal_s, figure
    return f"{figure}; again over unchanged data: no call, {quiet_s:.1f} s"


@line("in a storm of 429 with Retry-After no question is lost and none is asked twice")
def storm() -> str:
    """An endpoint with room for 100 questions a second, asked by 200 slots at no latency."""
    with workplace() as (folder, home), elsewhere(0.0, storm=True) as (endpoint, pipe):
        url, users = many_readers(folder, home, 2000)
        done, seconds = told(url, users, endpoint)
        pipe.send("?")
        requests = pipe.recv()
    assert done.by_model == done.wanted, done
    assert done.calls == requests > 1.05 * done.wanted
    return f"{done.wanted} insights, {requests - done.wanted} times 429, {seconds:.1f} s"
