"""Who runs the server. PostgreSQL refuses to run as root, so root hands down to an unprivileged user."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from insights.errors import BadInput

UNPRIVILEGED = ("postgres", "nobody")  # the first that the machine knows
INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")  # nothing else: no PG*, and no secret, reaches the server


@dataclass(frozen=True)
class Account:
    """The user that runs the server and owns its data; `dropped` when that is not the caller."""

    uid: int
    gid: int
    name: str
    dropped: bool

    def run(self, arguments: Sequence[str | Path], *, cwd: Path, errors_to: int | None = None) -> tuple[int, str, str]:
        """Run a program as this user, to its end: (exit code, stdout, stderr).

        With `errors_to`, a file descriptor, stderr goes there, and the third part is empty.
        """
        done = subprocess.run(
            [str(argument) for argument in arguments],
            cwd=cwd,  # never the caller's own folder, which this user may not be able to read
            env=environment(),
            user=self.uid if self.dropped else None,
            group=self.gid if self.dropped else None,
            extra_groups=[] if self.dropped else None,
            umask=0o077,
            start_new_session=True,  # a Ctrl-C meant for the client is not meant for the server
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if errors_to is None else errors_to,
            text=True,
            errors="replace",
            check=False,
        )
        return done.returncode, done.stdout, done.stderr or ""

    def reaches(self, folder: Path) -> bool:
        """Whether this user may enter the folder. The kernel is asked: permissions, ACLs and all."""
        return not self.dropped or self.run(["/bin/sh", "-c", 'cd "$1"', "sh", folder], cwd=Path("/"))[0] == 0

    def own(self, path: Path) -> None:
        """Give this user a file or a folder with all it holds, if the caller is root. Links are not followed."""
        if not self.dropped:
            return
        os.lchown(path, self.uid, self.gid)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.lchown(Path(folder, name), self.uid, self.gid)


def environment() -> dict[str, str]:
    """The environment of the server and its tools."""
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {"LC_ALL": "C", "TZ": "UTC"}


def choose(*owned: Path) -> Account:
    """The user that runs the server: the caller, unless that is root.

    For root it is the owner of the first of the paths that exists and is not root's (so that `sudo` serves a user's
    own data as that user), else `postgres`, else `nobody`.

    Raises:
        BadInput: root, on a machine that knows neither of these users.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), _name(os.geteuid()), dropped=False)
    for path in owned:
        if path.exists() and (uid := path.stat().st_uid) != 0:
            return Account(uid, path.stat().st_gid, _name(uid), dropped=True)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, name, dropped=True)
    raise BadInput(
        f"PostgreSQL does not run as root, and this machine has no user {' or '.join(UNPRIVILEGED)}",
        hint="Make one (useradd --system postgres), or run this as another user than root.",
    )


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # a container may run as a number without a name
        return str(uid)
