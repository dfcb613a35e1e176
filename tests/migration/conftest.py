"""A server of another version than the wheel's, and folders of small migrations."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from tests.conftest import create, drop, named
from tests.migration import legacy_app

from insights.db import migrate

OLDEST = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(scope="session")
def oldest_server() -> Iterator[str]:
    """URL of a maintenance database of PostgreSQL 15, the oldest that is supported."""
    if not (OLDEST / "postgres").exists():
        pytest.skip(f"no PostgreSQL 15 in {OLDEST}")
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="insights-pg15-"))
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    subprocess.run(
        [OLDEST / "initdb", "-D", data, "-U", "insights", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
        user=user, cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    options = ["-c", "fsync=off", "-c", "shared_buffers=32MB", "-c", f"unix_socket_directories={folder}"]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [OLDEST / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), *options],
            user=user, cwd=folder, stdout=log, stderr=log,
        )  # fmt: skip
    url = f"postgresql://insights@127.0.0.1:{port}/postgres"
    try:
        wait_until_ready(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_ready(url: str, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the server ended with {server.returncode}")


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[..., Path]:
    """Makes a folder of migrations from up files; each down drops what its name says."""

    def make(**ups: str) -> Path:
        for number, (name, text) in enumerate(ups.items(), 1):
            (tmp_path / f"01.0{number}_{name}.up.sql").write_text(text)
            (tmp_path / f"01.0{number}_{name}.down.sql").write_text(f"DROP TABLE IF EXISTS {name};")
        return tmp_path

    return make


@pytest.fixture(scope="session")
def legacy_template(server_url: str) -> str:
    """Name of a database with a small app of the legacy schema, to clone; nobody connects to it."""
    create(server_url, "legacy_app")
    legacy_app.make(named(server_url, "legacy_app"))
    return "legacy_app"


@pytest.fixture(scope="session")
def carried_template(server_url: str, legacy_template: str) -> str:
    """Name of the same database with every migration applied."""
    create(server_url, "carried_app", template=legacy_template)
    migrate.up(named(server_url, "carried_app"))
    return "carried_app"


@pytest.fixture
def legacy(server_url: str, legacy_template: str, fresh_names: Iterator[str]) -> Iterator[str]:
    """URL of a fresh database with the small app, at 00.00; dropped afterwards."""
    name = next(fresh_names)
    create(server_url, name, template=legacy_template)
    yield named(server_url, name)
    drop(server_url, name)


@pytest.fixture
def carried(server_url: str, carried_template: str, fresh_names: Iterator[str]) -> Iterator[str]:
    """URL of a fresh database with the small app and every migration; dropped afterwards."""
    name = next(fresh_names)
    create(server_url, name, template=carried_template)
    yield named(server_url, name)
    drop(server_url, name)
