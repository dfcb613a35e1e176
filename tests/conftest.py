"""What every test may use: one embedded server a test process, and databases on it.

Every worker of pytest-xdist has a server of its own: nothing to coordinate, nothing to share, nothing to leak.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from insights import settings
from insights.db import embedded
from insights.settings import Settings

FOREIGN = ("DATABASE_URL", "INSIGHTS_", "OPENAI_", "PG")  # the developer's own; no test may see them
PROGRAMS = Path(os.environ["INSIGHTS_TEST_PG_BIN"]) if "INSIGHTS_TEST_PG_BIN" in os.environ else None  # another version
FAST_AND_FORGETFUL = {  # a crash of the machine may lose data; no test minds
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
}

# No deadline: the machines that run this are shared, and slow is not wrong. `thorough` is for a search at night.
hypothesis_settings.register_profile(
    "default", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow], database=None
)
hypothesis_settings.register_profile("thorough", parent=hypothesis_settings.get_profile("default"), max_examples=2000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def session_home() -> Iterator[Path]:
    """INSIGHTS_HOME of this test process: short, and open to the unprivileged user that runs the server for root."""
    folder = Path(tempfile.mkdtemp(prefix="insights-test-"))
    folder.chmod(0o711)
    home = folder / "home"
    yield home
    embedded.stop(Settings.model_construct(home=home))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def environment(session_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tests' own settings, and none of the developer's."""
    for name in tuple(os.environ):
        if name.startswith(FOREIGN) and name != "INSIGHTS_SHARED":
            monkeypatch.delenv(name)
    monkeypatch.setenv("INSIGHTS_HOME", str(session_home))
    if PROGRAMS:
        monkeypatch.setenv("INSIGHTS_PG_BIN", str(PROGRAMS))
    settings.load.cache_clear()
    yield
    settings.load.cache_clear()


@pytest.fixture(scope="session")
def server_url(session_home: Path) -> str:
    """URL of the maintenance database, as superuser."""
    own = Settings.model_construct(
        home=session_home, pg_bin=PROGRAMS, db_idle_minutes=20
    )  # should this process be killed
    url = embedded.start(own, extra_settings=FAST_AND_FORGETFUL).url
    assert url is not None
    return named(url, "postgres")


@pytest.fixture(scope="session")
def fresh_names() -> Iterator[str]:
    """Names for databases, none twice."""
    return (f"test_{number}" for number in count(1))


@pytest.fixture
def empty_database(server_url: str, fresh_names: Iterator[str]) -> Iterator[str]:
    """URL of a database with nothing in it; dropped afterwards."""
    name = next(fresh_names)
    create(server_url, name)
    yield named(server_url, name)
    drop(server_url, name)


@pytest.fixture(scope="session")
def migrated_template(server_url: str) -> str:
    """Name of a database with every migration applied, to clone; nobody connects to it."""
    from insights.db import migrate

    create(server_url, "migrated")
    migrate.up(named(server_url, "migrated"))
    return "migrated"


@pytest.fixture
def database(server_url: str, migrated_template: str, fresh_names: Iterator[str]) -> Iterator[str]:
    """URL of a fresh database with the whole schema; dropped afterwards."""
    name = next(fresh_names)
    create(server_url, name, template=migrated_template)
    yield named(server_url, name)
    drop(server_url, name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real logs and reference tables, which are not part of the project."""
    beside = Path(__file__).parents[2] / "shared"
    folder = Path(os.environ.get("INSIGHTS_SHARED") or beside) / "data"
    if not folder.is_dir():
        pytest.skip(f"no {folder}: INSIGHTS_SHARED may name the folder that holds data/")
    return folder


def named(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return f"{url.rsplit('/', 1)[0]}/{database}"


def create(server_url: str, name: str, *, template: str = "template0") -> None:
    """Make a database."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        statement = sql.SQL("create database {} template {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def drop(server_url: str, name: str) -> None:
    """Drop a database, whoever is still connected."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
