"""One server process: is it alive, is it ready, start it, end it."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from insights.db.embedded.home import Home
from insights.db.embedded.waiting import Waiting
from insights.errors import Unreachable

PAUSE_S = 0.02
PROC = Path("/proc")  # Linux; elsewhere `ps` is asked
STILL_BUSY = "pre-existing shared memory block"  # processes of a killed server are not gone yet
PORT_TAKEN = "could not create any TCP/IP sockets"
# `&` and `echo` in a shell of its own: the server becomes no child of the client, so it never is its zombie.
DETACH = '"$@" >&2 & echo $!'


@dataclass(frozen=True)
class Postmaster:
    """What the server writes about itself into `postmaster.pid`."""

    pid: int
    port: int  # 0 until it is known
    state: str  # starting, standby, ready, stopping


class Died(Unreachable):
    """The server process ended before it was ready."""


def read_pid_file(data: Path) -> Postmaster | None:
    """What `postmaster.pid` says, true or stale."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
        port = int(lines[3]) if len(lines) > 3 else 0
        return Postmaster(int(lines[0]), port, lines[7].strip() if len(lines) > 7 else "starting")
    except (FileNotFoundError, NotADirectoryError, IndexError, ValueError):
        return None


def serves(pid: int, data: Path) -> bool:
    """Whether the process is alive and is a server of this data directory, and not another that got its number.

    A zombie has no arguments, so it counts as dead.
    """
    return f"-D\0{data}" in _arguments(pid)


def alive(pid: int) -> bool:
    """Whether the process lives at all; a zombie does not."""
    if PROC.is_dir():
        try:
            return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, and is another user's
        pass
    return True


def _arguments(pid: int) -> str:
    if PROC.is_dir():
        try:
            return (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return ""
    told = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return told.stdout.replace("-D ", "-D\0")


def running(data: Path) -> Postmaster | None:
    """The server of this data directory, if it is alive."""
    found = read_pid_file(data)
    return found if found and serves(found.pid, data) else None


def launch(home: Home, programs: Path, options: Mapping[str, str]) -> Postmaster:
    """Start the server and wait until it is ready, through a recovery of any length.

    Raises:
        Died: it ended before it was ready; the message has its last words.
    """
    arguments = [str(programs / "postgres"), "-D", str(home.data)]
    for name, value in options.items():
        arguments += ["-c", f"{name}={value}"]
    stale = read_pid_file(home.data)
    # A killed server leaves its number behind. Where another process has got that number since, the server would take
    # it for a rival; it does not look at the number that it is told to be its grandparent's.
    forget = ["env", f"PG_GRANDPARENT_PID={stale.pid}"] if stale else []
    waiting = Waiting("the processes of a killed server to end")
    while True:
        log = home.open_log()
        said_before = os.fstat(log).st_size
        try:
            _, told, _ = home.account.run(
                ["/bin/sh", "-c", DETACH, "sh", *forget, *arguments], cwd=home.folder, errors_to=log
            )
        finally:
            os.close(log)
        try:
            return wait_ready(home, int(told), said_before)
        except Died as error:
            if STILL_BUSY not in error.message:
                raise
            waiting.tick()
            time.sleep(0.1)


def wait_ready(home: Home, pid: int, said_before: int | None = None) -> Postmaster:
    """Wait until the server process is ready, as long as it lives.

    Raises:
        Died: it has ended.
    """
    if said_before is None:
        said_before = home.log.stat().st_size if home.log.exists() else 0
    waiting = Waiting("PostgreSQL to start")
    while True:
        lives = alive(pid)  # asked first: what the file says is not older. Its arguments are not there yet during exec
        found = read_pid_file(home.data)
        if lives and found and found.pid == pid and found.state == "ready":
            return found
        if not lives:
            raise Died(
                f"PostgreSQL did not start:\n{last_words(home.log, said_before)}", hint=f"Its whole log is {home.log}."
            )
        waiting.tick(lambda: last_words(home.log, said_before, lines=1))
        time.sleep(PAUSE_S)


def end(home: Home, server: Postmaster) -> None:
    """Ask the server to stop (fast: clients are cut off, nothing is lost), and wait until it has."""
    try:
        os.kill(server.pid, signal.SIGINT)
    except ProcessLookupError:
        return
    wait_gone(home, server.pid)


def wait_gone(home: Home, pid: int) -> None:
    """Wait until the server process has ended."""
    waiting = Waiting("PostgreSQL to stop")
    while serves(pid, home.data):
        waiting.tick()
        time.sleep(PAUSE_S)


def last_words(log: Path, since: int, *, lines: int = 12) -> str:
    """The last lines that the server wrote into its log after a position, without their time stamps."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(since)
        said = file.read()[-20_000:].decode(errors="replace").splitlines()[-lines:]
    return "\n".join(re.sub(r"^\d{4}-\d\d-\d\d [\d:.]+ \w+ \[\d+\] ", "", line) for line in said)
