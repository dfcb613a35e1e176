"""06.03, the end of the road: the legacy tables are written to Parquet and dropped. Opt-in, never part of `up`."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors
from psycopg.types.json import Jsonb

from insights import assets
from insights.db.connection import connect
from insights.db.migrate import adapter, contracted, ledger, raw_tables, rollout, runner
from insights.db.migrate.contracted import ID, TABLES
from insights.db.migrate.raw_tables import Export, File
from insights.db.migrate.session import MigrationFailed, Session, execute, session
from insights.errors import CheckFailed

PATIENCE_S = 120.0
_DROPPED = re.compile(r"^DROP FUNCTION (\w+\([\w, ]*\));", re.MULTILINE)


class NotYet(CheckFailed):
    """The legacy tables may not go yet. Nothing was changed, nothing was written."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(
            "the legacy tables cannot be dropped yet:\n  " + "\n  ".join(reasons), hint="Nothing was changed."
        )
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Contracted:
    """The tables that were dropped, and the files that hold their rows."""

    tables: tuple[str, ...]
    folder: Path
    backup: str
    files: tuple[File, ...]


def reasons_against(url: str, *, backup: str | None, folder: Path | None = None) -> list[str]:
    """Every reason why the legacy tables may not go yet. Changes nothing.

    Raises:
        EditedMigration, BadInput, Unreachable: see `runner.plan`.
    """
    reasons = []
    if not (backup or "").strip():
        reasons.append("no backup is named: --backup REF")
    if pending := runner.plan(url, folder=folder):
        reasons.append(f"migrations are pending: {', '.join(migration.id for migration in pending)}")
        return reasons  # the questions below are asked of the tables that those make
    findings = runner.verify(url, folder=folder)
    reasons += [f"verify: {finding.id}: {finding.problem}: {finding.subject}" for finding in findings[:20]]
    if len(findings) > 20:
        reasons.append(f"verify: and {len(findings) - 20} more")
    with connect(url) as connection:
        mapped = [name for name in adapter.recorded(connection) if name in TABLES]
        reasons += [f"{name} is an adapter view: drop the app's own table yourself" for name in mapped]
        reasons += [f"flag: {problem}" for problem in rollout.short_of_full(connection)]
        reasons += _dependents(connection)
    return reasons


def contract(
    url: str, out: Path, *, backup: str | None, folder: Path | None = None, patience_s: float = PATIENCE_S
) -> Contracted:
    """Write the raw legacy tables to Parquet files in `out`, then drop the tables.

    Rows that are written while the files are made go to files of their own, under the lock that the drop takes.

    Raises:
        NotYet: a condition is not met; every one that is not is named.
        BadInput: they were dropped before, or `out` is not empty.
        Busy: others held the tables for longer than `patience_s`.
        MigrationFailed, Unreachable: see `Session.run`.
    """
    with connect(url) as connection:
        contracted.refuse_after(connection)
    if reasons := reasons_against(url, backup=backup, folder=folder):
        raise NotYet(reasons)
    assert backup is not None
    with session(url, None, patience_s) as holder:
        export = raw_tables.export(url, TABLES, out.expanduser().absolute())
        export = _drop_patiently(holder, export, backup)
    return Contracted(TABLES, export.folder, backup, export.files)


def _drop_patiently(holder: Session, export: Export, backup: str) -> Export:
    try:
        drop = partial(_drop, holder.connection, export, backup)
        return holder.patiently(drop, f"{ID}, nothing was dropped; the next try needs a new folder", lambda: None)
    except MigrationFailed as error:
        if isinstance(error.__cause__, errors.DependentObjectsStillExist):
            raise NotYet([error.message]) from error
        raise


def _drop(connection: psycopg.Connection[Any], export: Export, backup: str) -> Export:
    with connection.transaction():
        for table in reversed(TABLES):
            execute(connection, f"LOCK TABLE public.{table} IN ACCESS EXCLUSIVE MODE")
        export = raw_tables.append_late(connection, export)
        execute(connection, _text())
        if left := _dependents(connection):
            raise NotYet(left)
        connection.execute(ledger.statement("create_contracts"))
        files = Jsonb([asdict(file) for file in export.files])
        values = {"id": ID, "backup": backup, "folder": str(export.folder), "files": files}
        connection.execute(ledger.statement("save_contract"), values)
        about = {"database": connection.info.dbname, "host": connection.info.host, "backup": backup, "migration": ID}
        raw_tables.seal(export, about)
    return export


def _text() -> str:
    return assets.text("sql", "migrations", "opt_in", "06.03_deprecate_old_tables.up.sql")


def _dependents(connection: psycopg.Connection[Any]) -> list[str]:
    """What still depends on the tables, but for the functions that 06.03 itself drops."""
    found = connection.execute(ledger.statement("contract_dependents"), {"tables": list(TABLES)}).fetchall()
    own = {f"function {name.replace(', ', ',')}" for name in _DROPPED.findall(_text())}  # as regprocedure has it
    return [f"{dependent} depends on {table}" for dependent, table in found if dependent not in own]
