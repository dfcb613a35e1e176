import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.integration.engine_runs import (
    AS_OF,
    LONG,
    RESULTS,
    SHORT,
    contents,
    empty,
    end,
    is_whole,
    job_file,
    rows,
    start,
    wait_until,
    workers_of,
)

from insights.audit.run import audit
from insights.db.connection import connect
from insights.errors import BadSettings, InsightsError
from insights.pipeline import executor
from insights.pipeline import run as runs
from insights.pipeline.crews import Crew
from insights.pipeline.job import Job
from insights.pipeline.shards import Outcome
from insights.pipeline.worker import WorkerDied

NOW = datetime(2025, 6, 2, 3, 0, tzinfo=UTC)


@pytest.fixture
def lifters(lifters_of: Callable[..., tuple[str, list[UUID]]]) -> str:
    return lifters_of(SHORT)[0]


def backfill(url: str, **keys: Any) -> runs.Report:
    job = Job(name="backfill", steps=("analytics",), **({"shard_users": 2} | keys))
    return runs.run(url, job, now=NOW, as_of=AS_OF)


def users_of(url: str) -> list[UUID]:
    return [row["id"] for row in rows(url, "SELECT id FROM users ORDER BY id")]


@contextmanager
def held(url: str, user: UUID) -> Iterator[None]:
    """Nobody can write analytics of this user meanwhile: whoever tries waits."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT FROM users WHERE id = %s FOR UPDATE", (user,))
        yield


def shard_states(url: str) -> list[tuple[str, int]]:
    found = rows(url, "SELECT status, attempts FROM analytics_shards ORDER BY shard")
    return [(row["status"], row["attempts"]) for row in found]


def test_every_executor_leaves_the_same_rows(lifters_of: Callable[..., tuple[str, list[UUID]]]) -> None:
    lifters, _ = lifters_of(replace(LONG, lifters=5))
    reports, found = [], []
    for url in ("inline:1", "inline:3", "local:2"):
        reports.append(backfill(lifters, executor=url))
        found.append(contents(lifters))
        empty(lifters)
    assert found[0] == found[1] == found[2]
    assert is_whole(found[0])
    assert reports[0].written == reports[1].written == reports[2].written
    assert reports[0].verdicts == reports[1].verdicts == reports[2].verdicts
    assert {report.shards for report in reports} == {3}
    assert {report.sets for report in reports} == {rows(lifters, "SELECT count(*) AS n FROM set_executions")[0]["n"]}


def test_shards_are_cut_by_sets_and_by_users(lifters: str) -> None:
    counted = rows(
        lifters,
        "SELECT w.user_id, count(*) AS n FROM workout_sessions AS w JOIN exercise_performances AS p"
        " ON p.workout_session_id = w.id JOIN set_executions AS e ON e.exercise_performance_id = p.id GROUP BY 1",
    )
    largest = max(row["n"] for row in counted)
    with connect(lifters, autocommit=True) as connection:
        connection.execute("ANALYZE set_executions, exercise_performances")
    limit = 2 * largest
    assert backfill(lifters, shard_users=100, shard_sets=limit).shards > 1
    found = rows(lifters, "SELECT users, sets FROM analytics_shards")
    assert sum(row["users"] for row in found) == 8
    assert max(row["sets"] for row in found) <= 1.3 * (limit + largest)  # planned by an estimate
    assert backfill(lifters, shard_users=3).shards == 3


def test_what_a_finished_run_does_not_need_is_let_go(lifters: str) -> None:
    backfill(lifters)
    assert rows(lifters, "SELECT 1 FROM analytics_shards WHERE user_ids IS NOT NULL") == []


def test_since_and_until_choose_users_and_the_audit_knows_them(lifters: str) -> None:
    users = users_of(lifters)
    with connect(lifters, autocommit=True) as connection:
        connection.execute("DELETE FROM workout_sessions WHERE user_id = %s AND start_time > '2025-05-01'", (users[3],))
    assert backfill(lifters).users == 8
    job = Job(name="some", steps=("analytics",), shard_users=3)
    report = runs.run(lifters, job, now=NOW, as_of=date(2025, 5, 25), since=date(2025, 5, 10))
    assert report.users == 7
    kept = rows(lifters, "SELECT unnest(user_ids) AS id FROM analytics_shards WHERE run_id = %s", report.run_id)
    assert {row["id"] for row in kept} == set(users) - {users[3]}
    found = audit(lifters)
    assert found.days() == {
        (date(2025, 5, 25), report.run_id): 7,
        (AS_OF, rows(lifters, "SELECT id FROM analytics_runs WHERE job = 'backfill'")[0]["id"]): 1,
    }
    assert found.ok


@pytest.mark.parametrize(
    "url",
    ["", "inline", "inline:0", "inline:x", "local", "local:", "local:0", "local:-1", "local:two", "dask://", "dask://h",
     "dask:h:1", "dasks://h:x", "dask://me:secret@h:1", "dask://h:1/path", "ray://h:1", "processes:4"],
)  # fmt: skip
def test_an_unknown_executor_is_refused_with_the_known_ones(url: str) -> None:
    with pytest.raises(BadSettings, match="no executor") as refused:
        executor.opener(url)
    assert "local:N" in refused.value.hint
    with pytest.raises(ValueError, match="no executor"):
        Job(name="a", steps=("analytics",), executor=url)


@pytest.mark.parametrize("url", ["inline:", "inline:3", "local:4", "dask://scheduler:8786", "dasks://10.0.0.1:8786"])
def test_the_known_executors_are_accepted_without_being_opened(url: str) -> None:
    executor.opener(url)


def test_mutual_tls_needs_its_three_files(lifters: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_DASK_CA_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(BadSettings, match="tls_ca_file, tls_client_cert, tls_client_key"):
        backfill(lifters, executor="dasks://127.0.0.1:1")


def test_a_worker_that_dies_once_costs_nothing_but_time(lifters: str, tmp_path: Path) -> None:
    users = users_of(lifters)
    job = job_file(tmp_path, executor="local:2")
    with held(lifters, users[0]):
        run = start(lifters, job)
        wait_until(lambda: ("running", 1) in shard_states(lifters), "a shard under way")
        kill_all(workers_of(run.pid))
    said = end(run)
    assert (said["users"], said["failures"]) == (8, [])
    assert max(attempts for _, attempts in shard_states(lifters)) == 2


def test_a_shard_that_kills_twice_is_dead_and_the_others_go_on(lifters: str, tmp_path: Path) -> None:
    users = users_of(lifters)
    with held(lifters, users[2]):
        run = start(lifters, job_file(tmp_path, executor="local:2"))
        for attempt in (1, 2):
            wait_until(lambda: shard_states(lifters)[2:3] == [("running", attempt)], "the shard that will kill")  # noqa: B023
            kill_all(workers_of(run.pid))
        said = end(run, expect=3)
    assert [failure["user_id"] for failure in said["failures"]] == [str(users[2])]
    assert shard_states(lifters)[2] == ("dead", 2)
    assert {state for state, _ in shard_states(lifters)} == {"done", "dead"}
    assert said["users"] == 7
    failures = rows(lifters, "SELECT user_id, reason FROM analytics_failures")
    assert [row["user_id"] for row in failures] == [users[2]]
    assert "processes" in failures[0]["reason"]


def test_workers_end_with_the_engine_that_started_them(lifters: str, tmp_path: Path) -> None:
    with held(lifters, users_of(lifters)[0]):
        run = start(lifters, job_file(tmp_path, executor="local:2"))
        wait_until(lambda: ("running", 1) in shard_states(lifters), "a shard under way")
        workers = workers_of(run.pid)
        assert workers
        run.kill()
        run.communicate(timeout=60)
        wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), "the workers' end")


@pytest.mark.parametrize("kind", ["inline:2", "local:2"])
def test_an_interrupt_ends_a_run_soon_and_the_next_goes_on(lifters: str, tmp_path: Path, kind: str) -> None:
    job = job_file(tmp_path, executor=kind)
    with held(lifters, users_of(lifters)[0]):
        run = start(lifters, job)
        wait_until(lambda: ("done", 1) in shard_states(lifters), "a shard that is done")
        wait_until(lambda: ("running", 1) in shard_states(lifters), "a shard that waits")
        began = time.monotonic()
        run.send_signal(signal.SIGINT)
        said, complaints = run.communicate(timeout=60)
        assert time.monotonic() - began < 20
    assert (run.returncode, said) == (130, "")
    assert "Traceback" not in complaints
    assert [row["status"] for row in rows(lifters, "SELECT status FROM analytics_runs")] == ["failed"]
    before = {row["shard"]: row["finished_at"] for row in done(lifters)}
    assert before
    assert end(start(lifters, job))["resumed"] is True
    after = {row["shard"]: row["finished_at"] for row in done(lifters)}
    assert len(after) == 8
    assert {shard: after[shard] for shard in before} == before  # what was done is not done again


def done(url: str) -> list[dict[str, Any]]:
    return rows(url, "SELECT shard, finished_at FROM analytics_shards WHERE status = 'done'")


def kill_all(pids: list[int]) -> None:
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def test_an_interrupt_reaches_threads_that_wait_for_the_database(lifters: str) -> None:
    with held(lifters, users_of(lifters)[0]):
        timer = threading.Timer(4, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            backfill(lifters, executor="inline:2", shard_users=1)
        assert time.monotonic() - began < 20


def test_an_interrupt_reaches_a_night_that_waits_to_write(lifters: str) -> None:
    user = users_of(lifters)[0]
    backfill(lifters, shard_users=8)
    newest = (
        "SELECT id FROM workout_sessions WHERE user_id = %s AND status = 'COMPLETED' ORDER BY start_time DESC LIMIT 1"
    )
    with psycopg.connect(lifters) as connection:
        changed = connection.execute(
            "UPDATE set_executions SET reps_completed = reps_completed + 1 WHERE exercise_performance_id IN"
            f" (SELECT id FROM exercise_performances WHERE workout_session_id = ({newest}))",
            (user,),
        )
        assert changed.rowcount
    nightly = Job(name="nightly", steps=("analytics",), source="changes", executor="inline:2")
    before = contents(lifters)
    with held(lifters, user):
        timer = threading.Timer(4, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            runs.run(lifters, nightly, now=NOW, as_of=AS_OF)
        assert 3 < time.monotonic() - began < 20
    assert {table: before[table] for table in RESULTS} == {table: contents(lifters)[table] for table in RESULTS}
    assert runs.run(lifters, nightly, now=NOW, as_of=AS_OF).resumed
    assert audit(lifters).ok


class Mortal(Crew):
    """Gives out nothing by itself. The first shards that are under way together are lost."""

    lost = (WorkerDied,)
    window = 3

    def __init__(self) -> None:
        self.given: list[tuple[int, int]] = []  # shard, how many were under way with it
        self.flying: list[Future[Outcome]] = []
        self.died = False

    def submit(self, run_id: UUID, shard: int) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        self.flying = [known for known in self.flying if not known.done()]
        self.given.append((shard, len(self.flying)))
        self.flying.append(future)
        if self.died:
            future.set_result(Outcome(shard))
        elif len(self.flying) == self.window:
            self.died = True
            for known in self.flying:
                known.set_exception(WorkerDied())
        return future

    def __exit__(self, *_: object) -> None:
        pass


def test_shards_that_were_under_way_together_are_given_out_again_one_at_a_time() -> None:
    crew, settled = Mortal(), []
    executor.drive(crew, UUID(int=1), range(1, 6), lambda: settled.append(1))
    assert crew.given[:3] == [(1, 0), (2, 1), (3, 2)]
    assert sorted(crew.given[3:6]) == [(1, 0), (2, 0), (3, 0)]
    assert [shard for shard, _ in crew.given[6:]] == [4, 5]
    assert len(settled) == 5


class Stillborn(Mortal):
    """Loses every shard, and none has been begun."""

    def submit(self, run_id: UUID, shard: int) -> Future[Outcome]:
        self.given.append((shard, 0))
        future: Future[Outcome] = Future()
        future.set_exception(WorkerDied())
        return future


def test_workers_that_end_before_they_begin_end_the_run() -> None:
    crew = Stillborn()
    with pytest.raises(InsightsError, match="before they have begun") as raised:
        executor.drive(crew, UUID(int=1), range(1, 4), lambda: None)
    assert "inline:" in raised.value.hint
    assert len(crew.given) <= 7
