"""The data directory: made whole or not at all, and served with the settings that a local server needs."""

import os
import secrets
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from insights.db.embedded.binaries import Binaries
from insights.db.embedded.home import Home
from insights.errors import BadInput, InsightsError

SUPERUSER = "insights"
DATABASE = "insights"
MAINTENANCE = "postgres"
ADDRESS = "127.0.0.1"
OPTIONS = {
    "listen_addresses": ADDRESS,
    "unix_socket_directories": "",  # their paths may be 107 bytes long; a home may be deeper
    "timezone": "UTC",
    "log_timezone": "UTC",
    "cluster_name": "insights",
    "client_connection_check_interval": "5s",  # a killed client's query does not run on for nobody
}


def major_of(data: Path) -> int | None:
    """The major version that made the data directory; None where there is none to be read."""
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None


def check_fits(home: Home, binaries: Binaries) -> None:
    """See that these programs can serve the data directory, if there is one.

    Raises:
        BadInput: another major version made it.
    """
    made_by = major_of(home.data)
    if made_by is None:
        if home.data.exists():
            raise BadInput(
                f"{home.data} is not a data directory of PostgreSQL: its PG_VERSION cannot be read",
                hint="Move it away, and a new one is made.",
            )
        return
    if made_by != binaries.major:
        raise BadInput(
            f"{home.data} was made by PostgreSQL {made_by}; "
            f"the programs found are {binaries.version} ({binaries.source})",
            hint=f"Set INSIGHTS_PG_BIN to the folder of PostgreSQL {made_by}'s programs. Or move the data away, and a "
            "new server is made; what the old one holds comes over by pg_dump and pg_restore.",
        )


def sweep(home: Home) -> None:
    """Remove what killed attempts to make a data directory have left."""
    for left in home.folder.glob("data.new-*"):
        shutil.rmtree(left, ignore_errors=True)  # an orphaned initdb may still write; the next start sweeps again


def create(home: Home, binaries: Binaries, programs: Path) -> None:
    """Make the data directory, with a random password for the superuser. It is there whole or not at all.

    Only a password (SCRAM) opens the server: on a machine with several users, `trust` would let all of them in.
    """
    password = secrets.token_urlsafe(24)
    home.write_private(home.password, password)
    fresh = Path(tempfile.mkdtemp(prefix="data.new-", dir=home.folder))
    handed = fresh / "password"
    home.write_private(handed, password)
    cluster = fresh / "data"
    cluster.mkdir(mode=0o700)
    home.account.own(fresh)
    login = ["-U", SUPERUSER, "-A", "scram-sha-256", f"--pwfile={handed}"]
    code, said, complaint = home.account.run(
        [programs / "initdb", "-D", cluster, *login, "-E", "UTF8", "--no-sync", *_locale(binaries.major)],
        cwd=home.folder,
    )
    if code:
        shutil.rmtree(fresh, ignore_errors=True)
        raise InsightsError(f"initdb of PostgreSQL {binaries.version} failed:\n{(said + complaint).strip()}")
    cluster.rename(home.data)
    shutil.rmtree(fresh)
    # A thousand small files reach a busy disk in seconds; nobody needs to wait for it before the first real data.
    home.account.run(["/bin/sh", "-c", '(sync -f "$1" || sync) >/dev/null 2>&1 &', "sh", home.data], cwd=home.folder)


def _locale(major: int) -> list[str]:
    if major >= 17:
        return ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return ["--locale=C.UTF-8"] if sys.platform == "linux" else ["--no-locale"]


def url(home: Home, port: int, database: str) -> str:
    """The URL of one database of the server, with its password.

    Raises:
        BadInput: the password file cannot be read.
    """
    try:
        password = home.password.read_text(encoding="ascii")
    except OSError as error:
        raise BadInput(
            f"the password of the embedded server cannot be read: {error.strerror} ({home.password})",
            hint="Put the file back; or stop the server, move its folder away, and let a new one be made.",
        ) from error
    return f"postgresql://{SUPERUSER}:{password}@{ADDRESS}:{port}/{database}"


def free_port(wanted: int) -> int:
    """The wanted port if nobody listens on it, else one that the kernel gives."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            try:
                probe.bind((ADDRESS, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise InsightsError(f"no free port on {ADDRESS}")


def size_bytes(data: Path) -> int:
    """What the files of the data directory take. Files that vanish meanwhile count nothing."""
    total = 0
    for folder, _, files in os.walk(data):
        for name in files:
            try:
                total += Path(folder, name).lstat().st_size
            except FileNotFoundError:
                continue
    return total
