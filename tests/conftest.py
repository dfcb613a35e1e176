"""What every test may use: one embedded server a test process, and databases on it, cloned from templates.

Every worker of pytest-xdist has a server of its own: nothing to coordinate, nothing to share, nothing to leak. Making
one with its templates takes some five seconds of a worker's minutes.

    empty_database   nothing in it
    database         every migration applied                      (migrated_template)
    lifters_of       and simulated lifters                         (templates_of_lifters)
    facts            and lifters whose facts are computed          (facts_template)
    legacy           a small app of the legacy schema, at 00.00    (legacy_template)
    carried          the same, every migration applied             (carried_template)
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from insights import settings
from insights.db import embedded
from insights.settings import Settings

FOREIGN = ("DATABASE_URL", "INSIGHTS_", "OPENAI_", "PG")  # the developer's own; no test may see them
NO_PANDAS = Path(__file__).with_name("a_users_modules")
PROGRAMS = Path(os.environ["INSIGHTS_TEST_PG_BIN"]) if "INSIGHTS_TEST_PG_BIN" in os.environ else None  # another version
OLDEST = Path("/usr/lib/postgresql/15/bin")
MEMORY, PREFIX = Path("/dev/shm"), "insights-test-"
ROOM_BYTES = 4 << 30
IDLE_MINUTES = 20  # after which a server ends whose test process was killed
FAST_AND_FORGETFUL = {  # a crash of the machine may lose data; no test minds
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "128MB",
    "shared_buffers": "64MB",
    "max_connections": "60",
}
SINCE_18 = {"io_method": "sync"}  # what is read is in memory: to ask another process for it is a detour

# No deadline: the machines that run this are shared, and slow is not wrong. `thorough` is for a search at night.
EXAMPLES, THOROUGH = 30, 2000
hypothesis_settings.register_profile(
    "default", deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow], database=None
)
hypothesis_settings.register_profile(
    "thorough", parent=hypothesis_settings.get_profile("default"), max_examples=THOROUGH
)
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "default")
hypothesis_settings.load_profile(PROFILE)


def examples(count: int) -> hypothesis_settings:
    """So many examples of a property that costs more, or less, than most; in proportion more in a thorough search."""
    return hypothesis_settings(max_examples=count * THOROUGH // EXAMPLES if PROFILE == "thorough" else count)


def pytest_configure() -> None:
    """Let Ctrl-C reach the tests that send it: a shell's jobs in the background are started to ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def paths_of_processes() -> Iterator[None]:
    """The processes that tests start find no pandas and all cores, as a user's do. This process keeps what it has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(NO_PANDAS), prepend=os.pathsep)
        patch.delenv("POLARS_MAX_THREADS", raising=False)  # Polars has read it here
        yield


@pytest.fixture(scope="session")
def session_home() -> Iterator[Path]:
    """INSIGHTS_HOME of this test process."""
    folder = open_folder()
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
    return started(Settings.model_construct(home=session_home, pg_bin=PROGRAMS, db_idle_minutes=IDLE_MINUTES))


@pytest.fixture(scope="session")
def fresh_names() -> Iterator[str]:
    """Names for databases, none twice."""
    return (f"test_{number}" for number in count(1))


@pytest.fixture
def clone(server_url: str, fresh_names: Iterator[str]) -> Iterator[Callable[[str], str]]:
    """Makes a database like a template and gives its URL; all are dropped after the test."""
    made: list[str] = []

    def make(template: str) -> str:
        made.append(next(fresh_names))
        create(server_url, made[-1], template=template)
        return named(server_url, made[-1])

    yield make
    for name in made:
        drop(server_url, name)


@pytest.fixture
def empty_database(clone: Callable[[str], str]) -> str:
    """URL of a database with nothing in it."""
    return clone("template0")


@pytest.fixture(scope="session")
def migrated_template(server_url: str) -> str:
    """Name of a database with every migration applied, to clone; nobody connects to it."""
    from insights.db import migrate

    create(server_url, "migrated")
    migrate.up(named(server_url, "migrated"))
    return "migrated"


@pytest.fixture
def database(clone: Callable[[str], str], migrated_template: str) -> str:
    """URL of a fresh database with the whole schema."""
    return clone(migrated_template)


@pytest.fixture(scope="session")
def templates_of_lifters(server_url: str, migrated_template: str) -> Callable[..., tuple[str, list[UUID]]]:
    """Gives the name of a database with a cohort's lifters, and their ids; each is made once, to clone."""
    from insights.db.connection import connect
    from insights.simulate.store import Cohort, write_cohort

    numbers = count(1)

    @cache
    def made(cohort: Cohort) -> tuple[str, list[UUID]]:
        name = f"lifters_{next(numbers)}"
        create(server_url, name, template=migrated_template)
        with connect(named(server_url, name), autocommit=True) as connection:
            return name, [UUID(user) for user in write_cohort(connection, cohort).users]

    return made


@pytest.fixture
def lifters_of(
    clone: Callable[[str], str], templates_of_lifters: Callable[..., tuple[str, list[UUID]]]
) -> Callable[..., tuple[str, list[UUID]]]:
    """Gives the URL of a fresh database with a cohort's lifters, and their ids."""

    def make(cohort: object) -> tuple[str, list[UUID]]:
        name, users = templates_of_lifters(cohort)
        return clone(name), list(users)

    return make


@pytest.fixture(scope="session")
def facts_template(server_url: str, migrated_template: str) -> str:
    """Name of a database with lifters whose facts are computed and whose subscriptions began long ago, to clone."""
    from insights.db.connection import connect
    from insights.pipeline import run as runs
    from insights.simulate.store import write_cohort
    from tests.integration.insight_fixture import AS_OF, COHORT, NOW, job_of

    create(server_url, "facts_of_lifters", template=migrated_template)
    url = named(server_url, "facts_of_lifters")
    with connect(url, autocommit=True) as connection:
        write_cohort(connection, COHORT)
        connection.execute("UPDATE subscriptions SET current_period_start = '2020-01-01'")
    runs.run(url, job_of(steps=("analytics",)), now=NOW, as_of=AS_OF)
    return "facts_of_lifters"


@pytest.fixture
def facts(clone: Callable[[str], str], facts_template: str) -> str:
    """URL of a database whose facts are there and whose insights are not."""
    return clone(facts_template)


@pytest.fixture(scope="session")
def legacy_template(server_url: str) -> str:
    """Name of a database with a small app of the legacy schema, to clone; nobody connects to it."""
    from tests.migration import legacy_app

    create(server_url, "legacy_app")
    legacy_app.make(named(server_url, "legacy_app"))
    return "legacy_app"


@pytest.fixture
def legacy(clone: Callable[[str], str], legacy_template: str) -> str:
    """URL of a fresh database with the small app, at 00.00."""
    return clone(legacy_template)


@pytest.fixture(scope="session")
def carried_template(server_url: str, legacy_template: str) -> str:
    """Name of the same database with every migration applied."""
    from insights.db import migrate

    create(server_url, "carried_app", template=legacy_template)
    migrate.up(named(server_url, "carried_app"))
    return "carried_app"


@pytest.fixture
def carried(clone: Callable[[str], str], carried_template: str) -> str:
    """URL of a fresh database with the small app and every migration."""
    return clone(carried_template)


@pytest.fixture(scope="session")
def oldest_server() -> Iterator[str]:
    """URL of the maintenance database of a PostgreSQL 15, the oldest that is supported."""
    if not (OLDEST / "postgres").exists():
        pytest.skip(f"no PostgreSQL 15 in {OLDEST}")
    folder = open_folder()
    own = Settings.model_construct(home=folder / "home", pg_bin=OLDEST, db_idle_minutes=IDLE_MINUTES)
    yield started(own)
    embedded.stop(own)
    shutil.rmtree(folder, ignore_errors=True)


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
def shared_data() -> Path:
    """The folder of real logs and reference tables, which are not part of the project."""
    beside = Path(__file__).parents[2] / "shared"
    folder = Path(os.environ.get("INSIGHTS_SHARED") or beside) / "data"
    if not folder.is_dir():
        pytest.skip(f"no {folder}: INSIGHTS_SHARED may name the folder that holds data/")
    return folder


def open_folder() -> Path:
    """A folder with a short name, which the unprivileged user that runs the server for root can enter.

    It is in memory where that has room: each database is hundreds of files that live for seconds, and ext4 looks at
    every file that was deleted in the last minutes before it makes another.
    """
    memory = MEMORY if has_room(MEMORY) else None
    for left in MEMORY.glob(f"{PREFIX}*"):  # by a process that was killed
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=memory))
    folder.chmod(0o711)
    return folder


def has_room(memory: Path) -> bool:
    """Whether programs may run from there, and a server's databases fit."""
    try:
        found = os.statvfs(memory)
    except OSError:
        return False
    usable = os.access(memory, os.W_OK | os.X_OK) and not found.f_flag & os.ST_NOEXEC
    return usable and found.f_bavail * found.f_frsize > ROOM_BYTES


def started(own: Settings) -> str:
    """URL of the maintenance database of an embedded server that is started now."""
    its_own = {} if own.pg_bin else SINCE_18
    url = embedded.start(own, extra_settings=FAST_AND_FORGETFUL | its_own).url
    assert url is not None
    return named(url, "postgres")


def named(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    return f"{url.rsplit('/', 1)[0]}/{database}"


def create(server_url: str, name: str, *, template: str = "template0") -> None:
    """Make a database. Its files are copied: the other way, through the log, takes the server twice as long."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        statement = sql.SQL("create database {} template {} strategy file_copy")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def drop(server_url: str, name: str) -> None:
    """Drop a database, whoever is still connected."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
