import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.integration.engine_runs import SHORT, contents, empty, end, is_whole, job_file, rows, start, wait_until

pytest.importorskip("distributed")

DASK = Path(sys.executable).with_name("dask")
WORKERS = ("worker_a", "worker_b")
QUIET = ("--no-dashboard", "--host", "127.0.0.1")


class Cluster:
    """A scheduler and some workers, each a process; stopped by their ids."""

    def __init__(self, folder: Path, scheme: str, tls: tuple[str, ...]) -> None:
        self.folder, self.scheme, self.tls = folder, scheme, tls
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.address = ""

    def start(self, database: str | None, workers: tuple[str, ...]) -> None:
        self._start("scheduler", {}, "scheduler", "--port", "0", *QUIET)
        wait_until(self._address, "the scheduler's address")
        self.address = self._address()
        for name in workers:
            # libpq reads PGAPPNAME: the server knows which worker holds a connection
            environment = {"PGAPPNAME": name} | ({"DATABASE_URL": database} if database else {})
            options = ("--no-nanny", "--nthreads", "1", "--memory-limit", "0", *QUIET)
            self._start(name, environment, "worker", self.address, *options)

    @property
    def url(self) -> str:
        kind = {"tcp": "dask", "tls": "dasks"}[self.scheme]
        return f"{kind}://{self.address.split('://')[1]}"

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def _address(self) -> str:
        found = re.search(rf"Scheduler at:\s+({self.scheme}://\S+)", self.said("scheduler"))
        return found[1] if found else ""

    def _start(self, name: str, environment: dict[str, str], *command: str) -> None:
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "DATABASE_URL"))}
        with (self.folder / f"{name}.log").open("wb") as log:
            self.processes[name] = subprocess.Popen(
                [str(DASK), *command, "--protocol", self.scheme, *self.tls],
                env=clean | environment, cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip

    def stop(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait()


@contextmanager
def cluster(
    folder: Path,
    database: str | None,
    scheme: str = "tcp",
    tls: tuple[str, ...] = (),
    workers: tuple[str, ...] = WORKERS[:1],
) -> Iterator[Cluster]:
    found = Cluster(folder, scheme, tls)
    with ExitStack() as stack:
        stack.callback(found.stop)
        found.start(database, workers)
        yield found


@pytest.fixture
def lifters(lifters_of: Callable[..., tuple[str, list[UUID]]]) -> str:
    return lifters_of(SHORT)[0]


def holders(url: str) -> list[str]:
    """The workers that wait for a lock."""
    waiting = "FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return [row["name"] for row in rows(url, f"SELECT application_name AS name {waiting}")]


def states(url: str) -> list[tuple[str, int]]:
    return [(row["status"], row["attempts"]) for row in rows(url, "SELECT * FROM analytics_shards ORDER BY shard")]


def test_a_shard_whose_worker_is_killed_is_done_by_the_other(lifters: str, tmp_path: Path) -> None:
    users = [row["id"] for row in rows(lifters, "SELECT id FROM users ORDER BY id")]
    with cluster(tmp_path, lifters, workers=WORKERS) as dask:
        with psycopg.connect(lifters) as lock:
            lock.execute("SELECT FROM users WHERE id = %s FOR UPDATE", (users[3],))
            run = start(lifters, job_file(tmp_path, executor=dask.url))
            wait_until(lambda: [state for state, _ in states(lifters)].count("done") == 7, "all other shards done")
            assert states(lifters)[3] == ("running", 1)
            wait_until(lambda: holders(lifters), "a worker that waits")
            (victim,) = holders(lifters)
            dask.processes[victim].send_signal(signal.SIGKILL)
            wait_until(lambda: states(lifters)[3] == ("running", 2), "the shard begun again")
            (other,) = set(WORKERS) - {victim}
            wait_until(lambda: other in holders(lifters), "the other worker on it")
        said = end(run)
    assert (said["users"], said["failures"]) == (8, [])
    assert states(lifters) == [("done", 2 if shard == 3 else 1) for shard in range(8)]  # one was redone, none twice
    by_dask = contents(lifters)
    empty(lifters)
    end(start(lifters, job_file(tmp_path, executor="inline:2")))
    assert by_dask == contents(lifters)
    assert is_whole(by_dask)


def test_no_password_travels_through_the_scheduler(lifters: str, tmp_path: Path) -> None:
    with cluster(tmp_path, None) as dask:
        run = start(lifters, job_file(tmp_path, executor=dask.url))
        _, complaints = run.communicate(timeout=120)
    assert run.returncode == 2
    assert "DATABASE_URL is not set for this worker" in complaints


def test_a_worker_on_another_database_is_told_so(lifters: str, server_url: str, tmp_path: Path) -> None:
    with cluster(tmp_path, server_url.replace("/postgres", "/migrated")) as dask:
        run = start(lifters, job_file(tmp_path, executor=dask.url))
        _, complaints = run.communicate(timeout=120)
    assert run.returncode == 1
    assert "this database has no shard" in complaints


def test_a_scheduler_that_is_not_there_is_unreachable(lifters: str, tmp_path: Path) -> None:
    run = start(lifters, job_file(tmp_path, executor="dask://127.0.0.1:9"))
    _, complaints = run.communicate(timeout=120)
    assert run.returncode == 4
    assert "no dask scheduler answers at tcp://127.0.0.1:9" in complaints
    assert "Traceback" not in complaints


# Mutual TLS ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], dict[str, Path]]:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl")
    folder = tmp_path_factory.mktemp("tls")

    def run(*arguments: Any) -> None:
        subprocess.run([openssl, *map(str, arguments)], check=True, capture_output=True, cwd=folder)

    def make(authority: str, name: str) -> dict[str, Path]:
        ca, ca_key = folder / f"{authority}.pem", folder / f"{authority}.key"
        key, request, signed = folder / f"{name}.key", folder / f"{name}.csr", folder / f"{name}.pem"
        if not ca.exists():
            run(
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                ca_key,
                "-out",
                ca,
                "-subj",
                f"/CN={authority}",
            )
        run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", f"/CN={name}")
        run("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial", "-out", signed)
        return {"CA": ca, "CERT": signed, "KEY": key}

    return make


def test_a_cluster_under_mutual_tls_works_for_those_with_a_certificate_of_it(
    lifters: str, tmp_path: Path, certificate: Callable[[str, str], dict[str, Path]]
) -> None:
    ours, strangers = certificate("ours", "node"), certificate("strangers", "stranger")
    tls = ("--tls-ca-file", str(ours["CA"]), "--tls-cert", str(ours["CERT"]), "--tls-key", str(ours["KEY"]))

    def attempt(url: str, files: dict[str, Path]) -> tuple[int, str]:
        environment = {f"INSIGHTS_DASK_{name}_FILE": str(path) for name, path in files.items()}
        run = start(lifters, job_file(tmp_path, executor=url), environment=environment)
        _, complaints = run.communicate(timeout=180)
        return run.returncode, complaints

    with cluster(tmp_path, lifters, "tls", tls) as dask:
        for url, files in ((dask.url, strangers), (dask.url.replace("dasks", "dask"), {})):
            code, complaints = attempt(url, files)
            assert code == 4, complaints
            assert "no dask scheduler answers" in complaints
        assert attempt(dask.url, ours)[0] == 0
    assert {state for state, _ in states(lifters)} == {"done"}
