"""The folder of the embedded server, below INSIGHTS_HOME, and what each file in it is for.

    INSIGHTS_HOME/
      postgres/
        data/            the cluster; belongs to the user that runs the server
        wheel-18.6/      root only: a copy of the wheel's programs, for that user
        password         of the superuser `insights`; 0600, the caller's
        start.json       of the last start: port (used again when it is free), version, source, idle minutes
        log, log.old     what the server said
        lock             held while someone starts the server; the kernel frees it when they die
        used             its time is that of the last use
        keep             there while the server was asked to stay until it is stopped
        watchdog         held by the watchdog while it lives

As root, `postgres/` itself stays root's, so that the user of the server cannot plant links where root writes.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from insights.db.embedded import account
from insights.db.embedded.account import Account
from insights.db.embedded.waiting import Waiting, try_lock
from insights.errors import BadInput

LOG_LIMIT_BYTES = 10_000_000


class Home:
    """The places of one embedded server."""

    def __init__(self, base: Path) -> None:
        self.base = Path(os.path.abspath(base.expanduser()))  # noqa: PTH100  resolve() would follow links
        self.folder = self.base / "postgres"
        self.data = self.folder / "data"
        self.password = self.folder / "password"
        self.last_start = self.folder / "start.json"
        self.log = self.folder / "log"
        self.used = self.folder / "used"
        self.keep = self.folder / "keep"
        self.watchdog = self.folder / "watchdog"

    @cached_property
    def account(self) -> Account:
        """The user that runs this server."""
        return account.choose(self.data, self.folder)

    def check_access(self) -> None:
        """See that the folder, if it is there, is the caller's; root may use everyone's.

        Raises:
            BadInput: it belongs to someone else.
        """
        try:
            owner = self.folder.stat().st_uid
        except (FileNotFoundError, NotADirectoryError):
            return
        except PermissionError:
            owner = None
        if os.geteuid() not in (0, owner):
            raise BadInput(
                f"{self.folder} belongs to another user, and so does the server in it",
                hint="Set INSIGHTS_HOME to a folder of your own.",
            )

    def prepare(self) -> None:
        """Make the folders, and see that the user of the server can enter them.

        Only folders made here, or an empty INSIGHTS_HOME, get their permissions set.

        Raises:
            BadInput: the folder cannot be made, belongs to someone else, or cannot be reached.
        """
        self.check_access()
        try:
            self._make_folders()
            reached = self.account.reaches(self.folder)
        except OSError as error:
            raise BadInput(
                f"cannot keep a server in {self.base}: {error.strerror} ({error.filename})",
                hint="Set INSIGHTS_HOME to a folder of your own.",
            ) from error
        if not reached:
            way = reversed((self.folder, *self.folder.parents))
            blocked = next(path for path in way if not self.account.reaches(path))
            raise BadInput(
                f"the user {self.account.name}, which runs PostgreSQL for root, cannot enter {blocked}",
                hint="Set INSIGHTS_HOME to a folder that this user can reach, for example /var/lib/insights; "
                f"or let it pass: chmod o+x {blocked}",
            )

    def _make_folders(self) -> None:
        dropped = self.account.dropped
        missing = [path for path in (self.base, *self.base.parents) if not path.exists()]
        for path in reversed(missing):
            path.mkdir(exist_ok=True)
            if dropped:  # root's umask may close what the server must enter
                path.chmod(0o755)
        if dropped and self.base.stat().st_uid == 0 and not any(self.base.iterdir()):
            self.base.chmod(self.base.stat().st_mode & 0o7777 | 0o011)
        if not self.folder.exists():
            self.folder.mkdir(exist_ok=True)
            self.folder.chmod(0o711 if dropped else 0o700)

    def open_private(self, path: Path, flags: int) -> int:
        """Open a file of this folder, 0600, never through a link; a file that root makes is the folder's owner's."""
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        owner = self.folder.stat().st_uid
        if os.geteuid() == 0 and owner != 0:
            os.fchown(descriptor, owner, -1)
        return descriptor

    def write_private(self, path: Path, text: str) -> None:
        """Write a file as a whole or not at all."""
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = self.open_private(fresh, os.O_WRONLY | os.O_TRUNC)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)

    def open_log(self) -> int:
        """The log, to append to; put aside when it has grown too long."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_name("log.old"))
        return self.open_private(self.log, os.O_WRONLY | os.O_APPEND)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the lock of everything that starts the server; wait for whoever holds it, however long they need."""
        descriptor = self.open_private(self.folder / "lock", os.O_RDWR)
        try:
            waiting = Waiting("another process that starts or stops the embedded PostgreSQL")
            while not try_lock(descriptor):
                waiting.tick()
                time.sleep(0.02)
            yield
        finally:
            os.close(descriptor)
