"""The files of `sql/migrations/`.

    NN.NN_name.up.sql      what the migration does
    NN.NN_name.down.sql    what undoes it
    NN.NN_name.verify.sql  optional: rows (problem, subject) where something is wrong, none where all is well
    NN.NN_name.loses.sql   optional: rows (what, n) that the down would destroy and the legacy tables cannot rebuild

A file is a series of steps, each a transaction. `-- step: NAME` opens one; a file without such a line is one step.
`-- step: NAME (no transaction)` opens a step of one statement that PostgreSQL refuses inside a transaction; it must be
repeatable, which for an index means CONCURRENTLY with IF [NOT] EXISTS.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from insights import assets
from insights.errors import BadInput, InsightsError

BASE = "base"  # `down` to here undoes everything

_FILE = re.compile(r"(?P<id>\d\d\.\d\d)_(?P<name>[a-z0-9_]+)\.(?P<kind>up|down|verify|loses)\.sql")
_STEP = re.compile(r"^-- step: (?P<name>.+?)(?P<bare> \(no transaction\))?[ ]*$", re.MULTILINE)
_COMMENT = re.compile(r"--[^\n]*")
_ONE_STATEMENT = re.compile(r"[^;]+;?\s*")


@dataclass(frozen=True, slots=True)
class Step:
    """Some SQL that is done as a whole; without a transaction, one statement that can be repeated."""

    name: str
    sql: str
    transactional: bool = True


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration: its steps in both directions, and the queries that judge it."""

    id: str
    name: str
    up: tuple[Step, ...]
    down: tuple[Step, ...]
    verify: str | None = None
    loses: str | None = None

    def checksum(self, steps: int | None = None) -> str:
        """SHA-256 of the first `steps` up steps, all by default: a step that has not run may still be mended."""
        digest = sha256()
        for step in self.up[:steps]:
            digest.update(f"{step.name}\0{step.transactional}\0{step.sql}\0".encode())
        return digest.hexdigest()


def discover(folder: Path | None = None) -> tuple[Migration, ...]:
    """Every migration in order, from `sql/migrations/` unless another folder is named.

    Raises:
        InsightsError: a file is not named or not built as it must be.
    """
    folder = folder or assets.path("sql", "migrations")
    kinds: dict[tuple[str, str], dict[str, str]] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _FILE.fullmatch(path.name)
        if match is None:
            raise InsightsError(f"{path} is not named like a migration", hint="The name is NN.NN_name.up.sql.")
        kinds.setdefault((match["id"], match["name"]), {})[match["kind"]] = path.read_text(encoding="utf-8")
    ids = [migration_id for migration_id, _ in kinds]
    if len(set(ids)) < len(ids):
        raise InsightsError(f"{folder} holds two migrations of one number: {', '.join(ids)}")
    return tuple(_migration(*key, texts) for key, texts in sorted(kinds.items()))


def _migration(migration_id: str, name: str, texts: dict[str, str]) -> Migration:
    for kind in ("up", "down"):
        if kind not in texts:
            raise InsightsError(f"migration {migration_id}_{name} has no {kind}.sql")
    return Migration(
        id=migration_id,
        name=name,
        up=steps(texts["up"], f"{migration_id}_{name}.up.sql"),
        down=steps(texts["down"], f"{migration_id}_{name}.down.sql"),
        verify=texts.get("verify"),
        loses=texts.get("loses"),
    )


def steps(text: str, file_name: str) -> tuple[Step, ...]:
    """The steps of a file.

    Raises:
        InsightsError: SQL stands before the first step, or a step without a transaction cannot be repeated.
    """
    marks = list(_STEP.finditer(text))
    if not marks:
        return (Step("all", text.strip()),)
    if _COMMENT.sub("", text[: marks[0].start()]).strip():
        raise InsightsError(f"{file_name} has SQL before its first `-- step:` line")
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    found = tuple(
        Step(mark["name"], text[mark.end() : end].strip(), transactional=mark["bare"] is None)
        for mark, end in zip(marks, ends, strict=True)
    )
    for step in found:
        if not step.transactional:
            _check_repeatable(step, file_name)
    return found


def _check_repeatable(step: Step, file_name: str) -> None:
    bare = _COMMENT.sub("", step.sql).strip()
    if not _ONE_STATEMENT.fullmatch(bare):
        raise InsightsError(f"{file_name}, step {step.name!r}: without a transaction a step is one statement")
    if "CONCURRENTLY" in bare and not re.search(r"CONCURRENTLY\s+IF\s+(NOT\s+)?EXISTS", bare):
        raise InsightsError(f"{file_name}, step {step.name!r} cannot be repeated: it lacks IF [NOT] EXISTS")


def number_of(migrations: tuple[Migration, ...], migration_id: str) -> int:
    """The position of a migration.

    Raises:
        BadInput: there is none with that number.
    """
    for position, migration in enumerate(migrations):
        if migration.id == migration_id:
            return position
    known = ", ".join(migration.id for migration in migrations)
    raise BadInput(f"there is no migration {migration_id!r}", hint=f"There are {known}.")
