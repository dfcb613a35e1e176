"""kill -9 at random moments. KILLS sets how often; 3 by default, 50 in acceptance."""

import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.conftest import PROGRAMS, create, drop, named
from tests.integration.engine_runs import LONG, contents, end, fill, is_whole, job_file, rows, start, workers_of

from insights.db import embedded, migrate
from insights.settings import Settings

KILLS = int(os.environ.get("KILLS", "3"))
VICTIMS = ("engine", "server", "worker")
EXECUTORS = {"engine": "inline:2", "server": "inline:2", "worker": "local:2"}
SMALL = {"shared_buffers": "64MB", "max_connections": "60"}  # and crash-safe, unlike the other tests' server
FILLED = "filled"
COHORT = replace(LONG, lifters=6)  # shards enough to lie before, under and after a kill


@dataclass
class Server:
    """An embedded server that may be killed."""

    home: Path
    url: str = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    @property
    def settings(self) -> Settings:
        return Settings.model_construct(home=self.home, pg_bin=PROGRAMS, db_idle_minutes=20)

    def start(self) -> None:
        url = embedded.start(self.settings, extra_settings=SMALL).url
        assert url is not None
        self.url = named(url, "postgres")

    def kill(self) -> None:
        pid = embedded.status(self.settings).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)


@dataclass(frozen=True)
class Undisturbed:
    """What a run leaves that nobody kills, and how long it takes by executor."""

    contents: dict[str, list[Any]]
    seconds: dict[str, float]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="insights-kills-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        mortal = Server(folder / "home")
        create(mortal.url, FILLED)
        migrate.up(named(mortal.url, FILLED))
        fill(named(mortal.url, FILLED), COHORT)
        yield mortal
        embedded.stop(mortal.settings)


@pytest.fixture(scope="module")
def undisturbed(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    found: list[dict[str, list[Any]]] = []
    seconds = {}
    for number, kind in enumerate(sorted(set(EXECUTORS.values()))):
        url = clone(server, f"undisturbed_{number}")
        began = time.monotonic()
        end(start(url, job_file(tmp_path_factory.mktemp("jobs"), executor=kind)))
        seconds[kind] = time.monotonic() - began
        found.append(contents(url))
        drop(server.url, f"undisturbed_{number}")
    assert is_whole(found[0])
    assert found[0]["engine_lift_bests"]
    assert all(other == found[0] for other in found)
    return Undisturbed(found[0], seconds)


def clone(server: Server, name: str) -> str:
    create(server.url, name, template=FILLED)
    return named(server.url, name)


@pytest.mark.parametrize(
    ("number", "victim"), [(number, VICTIMS[number % len(VICTIMS)]) for number in range(KILLS)], ids=str
)
def test_after_a_kill_and_a_rerun_the_tables_are_those_of_an_undisturbed_run(
    server: Server, undisturbed: Undisturbed, tmp_path: Path, number: int, victim: str
) -> None:
    name = f"killed_{number}"
    url = clone(server, name)
    kind = EXECUTORS[victim]
    job = job_file(tmp_path, executor=kind, source=("sets", "changes")[number // len(VICTIMS) % 2])
    run = start(url, job)
    moment = random.Random(number).uniform(0.3, 0.95) * undisturbed.seconds[kind]
    killed = kill_at(moment, victim, run, server)
    run.communicate(timeout=120)
    if victim == "server" and killed:
        server.start()
        url = named(server.url, name)
    assert killed or run.returncode == 0
    if run.returncode != 0:
        assert run.returncode == {"engine": -signal.SIGKILL, "server": 4}[victim]
        too_late = rows(url, "SELECT 1 FROM analytics_runs WHERE status = 'done'") != []
        begun = rows(url, "SELECT 1 FROM analytics_runs") != []
        assert end(start(url, job))["resumed"] is (begun and not too_late)
    assert contents(url) == undisturbed.contents
    ends = rows(url, "SELECT DISTINCT status, failed_users FROM analytics_runs")
    assert ends == [{"status": "done", "failed_users": 0}]
    drop(server.url, name)


def kill_at(moment_s: float, victim: str, run: subprocess.Popen[str], server: Server) -> bool:
    """Kill the victim so long after the run's start; whether the run was still there."""
    try:
        run.wait(moment_s)
    except subprocess.TimeoutExpired:
        pass
    else:
        return False
    if victim == "engine":
        run.kill()
    elif victim == "server":
        server.kill()
    else:
        workers = workers_of(run.pid)
        if not workers:
            return False
        os.kill(random.Random(run.pid).choice(workers), signal.SIGKILL)
    return True


def test_a_run_that_is_killed_again_and_again_comes_to_its_end(
    server: Server, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    url = clone(server, "again")
    job = job_file(tmp_path, executor="inline:1")
    settled = 0
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(3):
            run = start(url, job)
            while run.poll() is None and done(connection) <= settled:
                time.sleep(0.02)
            run.kill()
            run.communicate(timeout=60)
            assert done(connection) > settled
            settled = done(connection)
    said = end(start(url, job))
    assert said["resumed"] is True
    assert contents(url) == undisturbed.contents
    assert [row["resumed"] for row in rows(url, "SELECT resumed FROM analytics_runs")] == [3]
    drop(server.url, "again")


def done(connection: psycopg.Connection[Any]) -> int:
    found = connection.execute("SELECT count(*) FROM analytics_shards WHERE status = 'done'").fetchone()
    assert found is not None
    return int(found[0])
