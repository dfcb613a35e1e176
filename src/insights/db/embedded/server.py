"""The four verbs of the embedded server."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from insights.db.connection import connect
from insights.db.embedded import binaries, cluster, last_start, postmaster, watchdog
from insights.db.embedded.home import Home
from insights.db.embedded.last_start import LastStart
from insights.db.embedded.postmaster import Died, Postmaster

if TYPE_CHECKING:  # the watchdog imports this package, and should stay small
    from insights.settings import Settings

PORT_ATTEMPTS = 5


@dataclass(frozen=True)
class Status:
    """What is known of the embedded server. What only a running server has is None when it is stopped."""

    running: bool
    state: str  # ready, starting, standby (recovering from an archive), stopping, stopped
    pid: int | None
    port: int | None
    url: str | None  # with its password
    version: str | None  # of the last start, for example "18.6"
    source: str | None  # where its programs came from
    home: str
    data_bytes: int
    user: str  # that runs it
    keep: bool
    idle_minutes: float | None  # it stops when unused for so long; None: it stays


def database_url(settings: "Settings", explicit: str | None = None) -> str:
    """The URL of the database to use: the explicit one, else DATABASE_URL, else the embedded server's.

    The embedded server is started if need be.

    Raises:
        BadInput: the embedded server is needed and cannot be kept or found here; the message says what to do.
        Unreachable: it died while it started.
    """
    if explicit:
        return explicit
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    home = Home(settings.home)
    server = _ensure(home, settings, keep=False, extra_settings={})
    return cluster.url(home, server.port, cluster.DATABASE)


def start(settings: "Settings", *, keep: bool = False, extra_settings: Mapping[str, str] | None = None) -> Status:
    """Start the embedded server unless it runs, and see that its database `insights` exists.

    With `keep` it stays until `stop`; otherwise until nobody has used it for `settings.db_idle_minutes`.
    `extra_settings` are PostgreSQL settings for this start; a server that runs already is left as it is.

    Raises:
        as `database_url`.
    """
    _ensure(Home(settings.home), settings, keep=keep, extra_settings=extra_settings or {})
    return status(settings)


def stop(settings: "Settings") -> Status:
    """Stop the embedded server, if it runs: fast, so clients are cut off and nothing committed is lost."""
    home = Home(settings.home)
    home.check_access()
    home.keep.unlink(missing_ok=True)
    if server := postmaster.running(home.data):
        postmaster.end(home, server)
    watchdog.wait_gone(home)
    return status(settings)


def status(settings: "Settings") -> Status:
    """What is known of the embedded server. Starts nothing, waits for nothing."""
    home = Home(settings.home)
    home.check_access()
    server = postmaster.running(home.data)
    last = last_start.read(home)
    kept = home.keep.exists()
    return Status(
        running=server is not None,
        state=server.state if server else "stopped",
        pid=server.pid if server else None,
        port=server.port if server else None,
        url=cluster.url(home, server.port, cluster.DATABASE) if server and server.port else None,
        version=last.version if last else None,
        source=last.source if last else None,
        home=str(home.base),
        data_bytes=cluster.size_bytes(home.data),
        user=home.account.name,
        keep=kept,
        idle_minutes=None if kept else (last.idle_minutes if server and last else settings.db_idle_minutes) or None,
    )


def _ensure(home: Home, settings: "Settings", *, keep: bool, extra_settings: Mapping[str, str]) -> Postmaster:
    home.prepare()
    with home.lock():
        home.write_private(home.used, "")
        server = postmaster.running(home.data)
        if server and server.state == "stopping":
            postmaster.wait_gone(home, server.pid)
            server = None
        if server is None:
            server = _start(home, settings, extra_settings)
        else:
            _watch_over(home)
            server = postmaster.wait_ready(home, server.pid)  # whoever started it may have been killed
        if keep:
            home.write_private(home.keep, "")
        _ensure_database(cluster.url(home, server.port, cluster.MAINTENANCE))
        return server


def _start(home: Home, settings: "Settings", extra_settings: Mapping[str, str]) -> Postmaster:
    found = binaries.find(settings.pg_bin, cluster.major_of(home.data))
    cluster.check_fits(home, found)
    programs = binaries.within_reach(found, home)
    cluster.sweep(home)
    if not home.data.exists():
        cluster.create(home, found, programs)
    last = last_start.read(home)
    port = last.port if last else 0
    for attempt in range(1, PORT_ATTEMPTS + 1):
        port = cluster.free_port(port)
        last_start.write(home, LastStart(port, found.version, found.source, settings.db_idle_minutes))
        _watch_over(home)  # before the server, so that there is no moment in which a killed client leaves it unwatched
        try:
            return postmaster.launch(home, programs, cluster.OPTIONS | {"port": str(port)} | dict(extra_settings))
        except Died as error:  # someone took the port between the question and the start
            if postmaster.PORT_TAKEN not in error.message or attempt == PORT_ATTEMPTS:
                raise
            port = 0
    raise AssertionError("the loop returns or raises")


def _watch_over(home: Home) -> None:
    last = last_start.read(home)
    if last and last.idle_minutes and not home.keep.exists():
        watchdog.ensure(home)


def _ensure_database(maintenance_url: str) -> None:
    with connect(maintenance_url, autocommit=True) as connection:
        there = connection.execute("select 1 from pg_database where datname = %s", [cluster.DATABASE]).fetchone()
        if not there:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(cluster.DATABASE)))
