"""The files of `sql/migrations/`.

    NN.NN_name.up.sql      what the migration does
    NN.NN_name.down.sql    what undoes it
    NN.NN_name.verify.sql  optional: rows (problem, subject) where something is wrong, none where all is well
    NN.NN_name.loses.sql   optional: what the down would destroy and the legacy tables cannot rebuild, as rows (what,
                           n): `what` is "table", "table.column" or "table (words)", all rows of which count
    NN.NN_name.archive.sql the same, row by row, where only some count: rows (table_name, key, row, delta). `key` names
                           the columns that find a row again, `row` is a JSON object of its columns, and a delta
                           changes a row that the next `up` makes from the legacy tables

A file is a series of steps, each a transaction. `-- step: NAME` opens one; a file without such a line is one step.
`-- step: NAME (no transaction)` opens a step of one statement that PostgreSQL refuses inside a transaction; it must be
repeatable, which for an index means CONCURRENTLY with IF [NOT] EXISTS.
`-- step: NAME (batches of TABLE)` opens a step of one statement that is run for one range of TABLE's ids after
another, $1 to $2 both included, each in a transaction that keeps the cursor too. It must be repeatable, and it takes
FOR KEY SHARE on the rows that it reads: without that lock a row that is deleted meanwhile comes back to life. Where a
change of a row may also take rows away (a value that no longer fits, a list that gets shorter), it takes FOR SHARE.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from insights import assets
from insights.errors import BadInput, InsightsError

BASE = "base"  # `down` to here undoes everything

_FILE = re.compile(r"(?P<id>\d\d\.\d\d)_(?P<name>[a-z0-9_]+)\.(?P<kind>up|down|verify|loses|archive)\.sql")
_STEP = re.compile(
    r"^-- step: (?P<name>.+?)(?:(?P<bare> \(no transaction\))| \(batches of (?P<batches>\w+)\))?[ ]*$", re.MULTILINE
)
_COMMENT = re.compile(r"--[^\n]*")
_ONE_STATEMENT = re.compile(r"[^;]+;?\s*")


@dataclass(frozen=True, slots=True)
class Step:
    """Some SQL that is done as a whole; without a transaction or in batches, one statement that can be repeated.

    `batches` is the table whose ids the batches of a step go through.
    """

    name: str
    sql: str
    transactional: bool = True
    batches: str | None = None


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration: its steps in both directions, and the queries that judge it."""

    id: str
    name: str
    up: tuple[Step, ...]
    down: tuple[Step, ...]
    verify: str | None = None
    loses: str | None = None
    archive: str | None = None

    def checksum(self, steps: int | None = None) -> str:
        """SHA-256 of the first `steps` up steps, all by default: a step that has not run may still be mended."""
        digest = sha256()
        for step in self.up[:steps]:
            digest.update(f"{step.name}\0{step.transactional}\0{step.batches or ''}\0{step.sql}\0".encode())
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
        archive=texts.get("archive"),
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
        Step(mark["name"], text[mark.end() : end].strip(), mark["bare"] is None, mark["batches"])
        for mark, end in zip(marks, ends, strict=True)
    )
    for step in found:
        if not step.transactional:
            _check_repeatable(step, file_name)
        if step.batches is not None:
            _check_batches(step, file_name)
    return found


def _check_repeatable(step: Step, file_name: str) -> None:
    bare = _COMMENT.sub("", step.sql).strip()
    if not _ONE_STATEMENT.fullmatch(bare):
        raise InsightsError(f"{file_name}, step {step.name!r}: without a transaction a step is one statement")
    if "CONCURRENTLY" in bare and not re.search(r"CONCURRENTLY\s+IF\s+(NOT\s+)?EXISTS", bare):
        raise InsightsError(f"{file_name}, step {step.name!r} cannot be repeated: it lacks IF [NOT] EXISTS")


def _check_batches(step: Step, file_name: str) -> None:
    bare = _COMMENT.sub("", step.sql).strip()
    if not _ONE_STATEMENT.fullmatch(bare) or not all(parameter in bare for parameter in ("$1", "$2")):
        raise InsightsError(f"{file_name}, step {step.name!r}: a batch is one statement over the ids from $1 to $2")


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
