"""A rehearsal: up, verify, down and up again, on a copy of the schema and a sample of the rows, recorded."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from insights.db.connection import connect
from insights.db.migrate import contracted, fingerprint, ledger, runner, scratch
from insights.db.migrate.files import BASE, Migration, discover
from insights.db.migrate.runner import Finding
from insights.errors import InsightsError

ROWS = 1000
ANNOUNCED = "users_email_check is pending"  # `plan` lists these rows, and the check waits for them: no failure
RUNNERS_OWN = "insights_"


@dataclass(slots=True)
class Stage:
    """One act of a rehearsal: its seconds, and what went wrong in it."""

    name: str
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """How a rehearsal ended. `fingerprint` is that of the schema that was copied."""

    id: int
    fingerprint: str
    migrations: str
    sample_rows: int
    stages: tuple[Stage, ...]
    pending: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether every act went well."""
        return not any(stage.problems for stage in self.stages)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The record of a rehearsal."""

    id: int
    at: datetime
    up_ok: bool
    down_ok: bool
    passed: bool
    sample_rows: int


def rehearse(url: str, *, rows: int = ROWS, beside: str | None = None, folder: Path | None = None) -> Rehearsal:
    """Try the migrations on a copy of this database; the record stays in `insights_rehearsals` of the original.

    `rows` is the most that is copied of a table. `beside` is the maintenance database of another server for the copy.

    Raises:
        BadInput: there is no pg_dump that fits, this role may not make databases, or the legacy tables were dropped.
        InsightsError: the schema could not be copied.
        Unreachable: a server does not answer.
    """
    migrations = discover(folder)
    with connect(url) as connection:
        contracted.refuse_after(connection)
        schema = fingerprint.of_schema(connection)
    with scratch.copy_of(url, rows=rows, beside=beside) as (copy, copied):
        play = _Play(copy, folder)
        play.act(migrations)
    tried = fingerprint.of_migrations(migrations)
    with connect(url) as connection:
        connection.execute(ledger.statement("create_rehearsals"))
        values = {
            "fingerprint": schema,
            "migrations": tried,
            "sample_rows": copied,
            "up_ok": play.ok("up", "verify"),
            "down_ok": play.ok("down"),
            "passed": play.ok(),
            "report": Jsonb({"stages": [asdict(stage) for stage in play.stages]}),
        }
        number = ledger.scalar(connection, "save_rehearsal", values)
    return Rehearsal(number, schema, tried, copied, tuple(play.stages), tuple(play.pending))


def last(connection: psycopg.Connection[Any], schema: str, migrations: str) -> Recorded | None:
    """The newest rehearsal of a schema with these files; None where there was none."""
    if not ledger.scalar(connection, "table_exists", {"name": "insights_rehearsals"}):
        return None
    with connection.cursor(row_factory=class_row(Recorded)) as cursor:
        values = {"fingerprint": schema, "migrations": migrations}
        return cursor.execute(ledger.statement("last_rehearsal"), values).fetchone()


class _Play:
    """The acts, each recorded with its time; the first that fails ends the play."""

    def __init__(self, url: str, folder: Path | None) -> None:
        self.url = url
        self.folder = folder
        self.stages: list[Stage] = []
        self.pending: list[Finding] = []
        self._tables: list[tuple[str, tuple[str, ...]]] = []

    def ok(self, *names: str) -> bool:
        wanted = [stage for stage in self.stages if not names or stage.name in names]
        return bool(wanted) and not any(stage.problems for stage in wanted)

    def act(self, migrations: tuple[Migration, ...]) -> None:
        try:
            self._act(migrations)
        except (InsightsError, psycopg.Error) as error:
            self.stages[-1].problems.append(str(error))

    def _act(self, migrations: tuple[Migration, ...]) -> None:
        with self._stage("copy"):
            before, rows_before, stood = self._schema(), self._rows(), self._standing(migrations)
        with self._stage("up"):
            runner.up(self.url, folder=self.folder)
        with self._stage("verify") as stage:
            after = self._schema()
            self._verify(stage)
        with self._stage("down") as stage:
            self._down(stood)
            self._compare(stage, before, self._schema(), "down leaves another schema")
            if self._rows() != rows_before:
                stage.problems.append("down leaves other rows in the tables that stood before")
        with self._stage("up again") as stage:
            runner.up(self.url, folder=self.folder)
            self._compare(stage, after, self._schema(), "the second up makes another schema")
            self._verify(stage)

    @contextmanager
    def _stage(self, name: str) -> Iterator[Stage]:
        stage = Stage(name)
        self.stages.append(stage)
        started = time.monotonic()
        try:
            yield stage
        finally:
            stage.seconds = round(time.monotonic() - started, 3)

    def _standing(self, migrations: tuple[Migration, ...]) -> str:
        """The last migration that stands in the copy: where `down` must lead back to. Adopts tables that are there."""
        with connect(self.url) as connection:
            entries = ledger.read(connection)
            legacy = ledger.scalar(connection, "table_exists", {"name": "users"})
        if entries:
            return max(entries)
        if not legacy:
            return BASE
        from insights.db.migrate import baseline  # noqa: PLC0415 - only a database that nobody adopted needs it

        baseline.adopt(self.url, folder=self.folder)
        return migrations[0].id

    def _down(self, to: str) -> None:
        runner.down(self.url, to, archive_new_data=True, folder=self.folder)

    def _verify(self, stage: Stage) -> None:
        for finding in runner.verify(self.url, folder=self.folder):
            if finding.problem.startswith(ANNOUNCED):
                if finding not in self.pending:
                    self.pending.append(finding)
            else:
                stage.problems.append(f"{finding.id}: {finding.problem}: {finding.subject}")

    def _schema(self) -> tuple[str, ...]:
        with connect(self.url) as connection:
            return fingerprint.lines(connection)

    def _rows(self) -> str:
        """The rows of the tables of the first act, of each the columns that it had then."""
        with connect(self.url) as connection:
            if not self._tables:
                found = connection.execute(ledger.statement("sample_tables")).fetchall()
                self._tables = [
                    (name, tuple(columns))
                    for schema, name, columns, _ in found
                    if schema == "public" and not name.startswith(RUNNERS_OWN)
                ]
            return fingerprint.of_rows(connection, self._tables)

    @staticmethod
    def _compare(stage: Stage, wanted: tuple[str, ...], found: tuple[str, ...], problem: str) -> None:
        for line in sorted(set(wanted) ^ set(found)):
            stage.problems.append(f"{problem}: {'missing' if line in wanted else 'too much'}: {line}")
