"""The small process that stops an unused server, so that a killed client cannot keep one alive for ever.

A server is in use when a client is connected, a session was opened since the last look, or `database_url` was called.
The watchdog looks through a short connection to the maintenance database, whose own sessions do not count. It holds a
lock while it lives, so that there is never a second one, and ends within a second of its server.
"""

import math
import os
import subprocess
import sys
import time

import psycopg

from insights import assets
from insights.db.embedded import account, cluster, last_start, postmaster
from insights.db.embedded.home import Home
from insights.db.embedded.postmaster import Postmaster
from insights.db.embedded.waiting import Waiting, try_lock

BEAT_S = 0.2 if postmaster.PROC.is_dir() else 1.0  # how soon it follows its server's end; `ps` costs more than /proc
LONGEST_PAUSE_S = 30.0  # between two looks
LOOKS = 10  # in one idle time, so that it is kept to a tenth


def ensure(home: Home) -> None:
    """Start the watchdog unless there is one. The caller holds the lock of the home."""
    descriptor = home.open_private(home.watchdog, os.O_RDWR)
    try:
        if try_lock(descriptor):
            _spawn(home, descriptor)
    finally:
        os.close(descriptor)


def _spawn(home: Home, descriptor: int) -> None:
    # The lock belongs to the open file, which the child inherits: at no moment is there none, or a second one.
    arguments = [sys.executable, "-P", "-m", __package__, str(home.base), str(descriptor)]
    path = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    log = home.open_log()
    try:
        subprocess.run(
            ["/bin/sh", "-c", '"$@" >&2 &', "sh", *arguments],
            env=account.environment() | path,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stderr=log,
            pass_fds=(descriptor,),
            start_new_session=True,
            check=True,
        )
    finally:
        os.close(log)


def wait_gone(home: Home) -> None:
    """Wait until the watchdog of a stopped server has ended, so that nothing touches the home any more."""
    if not home.watchdog.exists():
        return
    descriptor = home.open_private(home.watchdog, os.O_RDWR)
    try:
        waiting = Waiting("the watchdog of the embedded PostgreSQL to end")
        while not try_lock(descriptor) and not postmaster.running(home.data):
            waiting.tick()
            time.sleep(BEAT_S / 10)
    finally:
        os.close(descriptor)


def watch(home: Home, descriptor: int) -> None:
    """Watch the server of a home, and the one after it if it is started again, until there is none to stop.

    `descriptor` is the watchdog's lock; it is given up while nobody can start a server, so that the next start finds
    either a watchdog that stays or none.
    """
    while True:
        if server := postmaster.running(home.data):
            _watch(home, server)
        with home.lock():
            if home.keep.exists() or postmaster.running(home.data) is None:
                os.close(descriptor)
                return


def _watch(home: Home, server: Postmaster) -> None:
    """Return when the server has ended, was stopped for being unused, or is to be kept."""
    last = last_start.read(home)
    idle_s = last.idle_minutes * 60 if last and last.idle_minutes else math.inf
    seen, since = None, time.monotonic()
    while _sleep_while_served(home, server, min(idle_s / LOOKS, LONGEST_PAUSE_S)) and not home.keep.exists():
        now = _traces(home)
        if now is None or now != seen:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since >= idle_s and _stop_if_still(home, server, seen):
            return


def _sleep_while_served(home: Home, server: Postmaster, pause_s: float) -> bool:
    until = time.monotonic() + max(pause_s, 0.1)
    while (left_s := until - time.monotonic()) > 0:
        time.sleep(min(left_s, BEAT_S))
        if not postmaster.serves(server.pid, home.data):
            return False
    return True


def _traces(home: Home) -> tuple[int, int] | None:
    """What every use changes: (sessions so far, time of the last `database_url` in ns); None when it is used now."""
    server = postmaster.running(home.data)
    if server is None or server.state != "ready":
        return None
    try:
        url = cluster.url(home, server.port, cluster.MAINTENANCE)
        with psycopg.connect(url, application_name="insights watchdog") as connection:
            found = connection.execute(assets.text("sql", "queries", "server_use.sql").encode()).fetchone()
    except psycopg.OperationalError:  # out of connections: not unused
        return None
    assert found is not None
    clients, sessions = found
    return None if clients else (int(sessions), home.used.stat().st_mtime_ns)


def _stop_if_still(home: Home, server: Postmaster, seen: tuple[int, int] | None) -> bool:
    with home.lock():  # whoever comes now waits, and then starts it again
        if home.keep.exists() or _traces(home) != seen:
            return False
        if postmaster.serves(server.pid, home.data):
            postmaster.end(home, server)
        return True
