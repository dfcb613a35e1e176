import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.integration.engine_runs import AS_OF, SHORT, contents, end, job_file, rows, start, wait_until

import insights
from insights.db import ledger
from insights.db.connection import connect
from insights.errors import BadSettings, Unreachable
from insights.pipeline import job as jobs
from insights.pipeline import run as runs
from insights.pipeline.job import Job

NOW = datetime(2025, 6, 2, 3, 0, tzinfo=UTC)
PLAIN = Job(name="backfill", steps=("analytics",), shard_users=2)


@pytest.fixture
def lifters(lifters_of: Callable[..., tuple[str, list[UUID]]]) -> str:
    return lifters_of(SHORT)[0]


def backfill(url: str, job: Job = PLAIN, **options: Any) -> runs.Report:
    return runs.run(url, job, **({"now": NOW, "as_of": AS_OF} | options))


def break_off(url: str, job: Job = PLAIN, **options: Any) -> UUID:
    """Begin a run and leave it as a kill would, after its plan."""
    with connect(url, autocommit=True) as connection:
        run = runs._begin(connection, job, runs.Scope(**({"now": NOW, "as_of": AS_OF} | options)))
        ledger.claim(connection, run.id, 1)
    return run.id


def states(url: str) -> dict[UUID, str]:
    return {row["id"]: row["status"] for row in rows(url, "SELECT id, status FROM analytics_runs")}


# What is taken up ---------------------------------------------------------------------------------------------------


def test_a_run_that_was_killed_is_taken_up_and_not_begun_anew(lifters: str) -> None:
    killed = break_off(lifters)
    report = backfill(lifters, now=datetime(2025, 6, 3, tzinfo=UTC))
    assert (report.run_id, report.resumed, report.shards) == (killed, True, 4)
    assert states(lifters) == {killed: "done"}
    again = backfill(lifters)
    assert (again.run_id == killed, again.resumed) == (False, False)


def test_without_as_of_a_run_is_taken_up_with_its_own_day(lifters: str) -> None:
    break_off(lifters, as_of=None)
    planned = [row["as_of"] for row in rows(lifters, "SELECT DISTINCT as_of FROM analytics_shards ORDER BY as_of")]
    report = backfill(lifters, as_of=None, now=datetime(2025, 6, 2, 23, 0, tzinfo=UTC))
    assert (report.resumed, report.as_of) == (True, planned)
    assert date(2025, 6, 1) in planned
    fresh = backfill(lifters, as_of=None, now=datetime(2025, 6, 2, 23, 0, tzinfo=UTC))
    assert fresh.as_of != planned


OTHERS: dict[str, dict[str, Any]] = {
    "another day": {"as_of": date(2025, 5, 1)},
    "another job file": {"job": Job(name="backfill", steps=("analytics",), shard_users=3)},
    "some users only": {"since": date(2025, 1, 1)},
}


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_a_run_of_another_kind_takes_nothing_up(lifters: str, other: str) -> None:
    killed = break_off(lifters)
    report = backfill(lifters, **OTHERS[other])
    assert (report.run_id == killed, report.resumed) == (False, False)
    assert states(lifters) == {killed: "failed", report.run_id: "done"}


def test_an_executor_may_change_between_a_run_and_its_rest(lifters: str) -> None:
    break_off(lifters)
    assert backfill(lifters, jobs.with_executor(PLAIN, "inline:1")).resumed


def test_a_run_that_is_too_old_is_left_behind(lifters: str) -> None:
    killed = break_off(lifters)
    with connect(lifters) as connection:
        connection.execute("UPDATE analytics_runs SET started_at = started_at - interval '21 hours'")
    assert not backfill(lifters).resumed
    assert states(lifters)[killed] == "failed"


def test_a_run_of_another_version_is_left_behind(lifters: str) -> None:
    break_off(lifters)
    with connect(lifters) as connection:
        connection.execute("UPDATE analytics_runs SET parameters = jsonb_set(parameters, '{version}', '\"0.0.1\"')")
    assert not backfill(lifters).resumed


def test_a_dry_run_is_never_taken_up_and_stands_in_no_ones_way(lifters: str) -> None:
    before = contents(lifters)
    killed = break_off(lifters)
    dry = backfill(lifters, dry_run=True)
    assert (dry.resumed, dry.users) == (False, 8)
    assert dry.written["volume_analytics"]["added"] > 0
    assert contents(lifters) == before
    assert rows(lifters, "SELECT 1 FROM analytics_shards WHERE run_id = %s", dry.run_id) == []
    assert backfill(lifters).run_id == killed


def test_a_shard_that_two_processes_had_begun_is_dead_to_the_third(lifters: str) -> None:
    run_id = break_off(lifters)
    with connect(lifters, autocommit=True) as connection:
        assert ledger.claim(connection, run_id, 1).state == "running"
        dead = ledger.claim(connection, run_id, 1)
        assert (dead.state, len(dead.user_ids)) == ("dead", 2)
        assert ledger.claim(connection, run_id, 1).state == "dead"
        failures = ledger.failures(connection, dead.run)
    assert [(user, stage) for user, stage, _ in failures] == [(user, "analytics") for user in dead.user_ids]


def test_a_shard_is_settled_once(lifters: str) -> None:
    backfill(lifters)
    (row, *_) = rows(lifters, "SELECT run_id, shard FROM analytics_shards")
    with connect(lifters, autocommit=True) as connection:
        claim = ledger.claim(connection, row["run_id"], row["shard"])
    assert claim.state == "done"


# What fails ---------------------------------------------------------------------------------------------------------


def test_what_ends_a_run_is_told_even_where_it_cannot_be_recorded(lifters: str) -> None:
    with psycopg.connect(lifters) as lock:
        lock.execute("SELECT FROM users FOR UPDATE")
        mine = lock.info.backend_pid
        failed: list[BaseException] = []

        def attempt() -> None:
            try:
                backfill(lifters, jobs.with_executor(PLAIN, "inline:1"))
            except BaseException as error:  # noqa: BLE001 - looked at below
                failed.append(error)

        thread = threading.Thread(target=attempt)
        thread.start()
        wait_until(lambda: rows(lifters, "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"), "a wait")
        lock.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> %s AND backend_type = 'client backend'",
            (mine,),
        )
        thread.join(60)
    assert [type(error) for error in failed] == [Unreachable]
    assert "the database broke off" in str(failed[0])
    assert list(states(lifters).values()) == ["running"]  # nobody could write more
    assert backfill(lifters).resumed


def test_one_bad_user_is_found_by_halving(lifters: str) -> None:
    users = [row["id"] for row in rows(lifters, "SELECT id FROM users ORDER BY id")]
    with connect(lifters) as connection:
        connection.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$"
        )
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON strength_progressions FOR EACH ROW"
            f" WHEN (NEW.user_id = '{users[5]}') EXECUTE FUNCTION refuse()"
        )
    report = backfill(lifters, Job(name="backfill", steps=("analytics",), shard_users=8))
    assert [(user, stage) for user, stage, _ in report.failures] == [(users[5], "analytics")]
    assert report.users == 7
    assert report.shards == 4  # of 4, 2, 1 and 1
    assert "not this one" in report.failures[0][2]
    dead = rows(lifters, "SELECT user_ids, error FROM analytics_shards WHERE status = 'dead'")
    assert [row["user_ids"] for row in dead] == [[users[5]]]


def test_two_runs_of_one_job_at_once(lifters: str, tmp_path: Path) -> None:
    job = job_file(tmp_path)
    with psycopg.connect(lifters) as lock:
        lock.execute("SELECT FROM users FOR UPDATE")
        first = start(lifters, job)
        wait_until(lambda: rows(lifters, "SELECT 1 FROM analytics_shards WHERE status = 'running'"), "a shard")
        second = start(lifters, job)
        said, complaints = second.communicate(timeout=60)
        lock.rollback()
    assert (second.returncode, said) == (5, "")
    assert "the job backfill is running already" in complaints
    assert end(first)["users"] == 8


# The command --------------------------------------------------------------------------------------------------------


def test_a_dry_run_tells_what_would_be_done(lifters: str, tmp_path: Path) -> None:
    said = end(start(lifters, job_file(tmp_path, executor="inline:2"), "--dry-run"))
    assert (said["dry_run"], said["executor"], said["shards"]) == (True, "inline:2", 8)
    assert said["written"]["strength_progressions"]["added"] > 0
    assert not any(contents(lifters).values())


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--executor", "ray://h:1"), "there is no executor ray://h:1"),
        (("--since", "2025-05-02", "--until", "2025-05-01"), "--until 2025-05-01 is before --since 2025-05-02"),
        (("--since", "May"), "--since May is not a day"),
    ],
)
def test_bad_options_are_refused(database: str, tmp_path: Path, options: tuple[str, ...], complaint: str) -> None:
    run = start(database, job_file(tmp_path), *options)
    _, complaints = run.communicate(timeout=60)
    assert (run.returncode, complaint in complaints) == (2, True), complaints


def test_dask_that_is_not_installed_is_named_with_what_brings_it(database: str, tmp_path: Path) -> None:
    (tmp_path / "distributed.py").write_text("raise ImportError('not here')\n")
    source = Path(insights.__file__).parents[1]
    run = start(
        database, job_file(tmp_path, executor="dask://127.0.0.1:9"), environment={"PYTHONPATH": f"{tmp_path}:{source}"}
    )
    _, complaints = run.communicate(timeout=60)
    assert run.returncode == 2
    assert "dask is not installed here" in complaints
    assert "insights[dask]" in complaints


# Job files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("shard_user = 3", "shard_user: Extra inputs"),
        ("shard_users = 0", "shard_users"),
        ("shard_sets = 0", "shard_sets"),
        ('source = "files"', "source"),
        ('period_types = ["yearly"]', "period_types"),
        ("period_types = []", "period_types"),
        ("look_back_days = 30", "look_back_days"),
        ('executor = "ray:"', "executor: .*no executor ray:.*local:N"),
        ("resume_within_h = -1", "resume_within_h"),
        ("[insights]\ntone = 1", "insights.tone"),
    ],
)
def test_a_wrong_key_or_value_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'name = "a"\nsteps = ["analytics"]\n{line}\n')
    with pytest.raises(BadSettings, match=complaint):
        jobs.read(str(path))
