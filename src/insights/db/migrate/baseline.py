"""Adopt a database that an app has made: hold it against the contract, then record 00.00 without running it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg

from insights.db.connection import connect
from insights.db.migrate import adapter, ledger, legacy, locks
from insights.db.migrate.files import Migration, discover
from insights.db.migrate.legacy import Difference, Place
from insights.db.migrate.session import session
from insights.errors import BadInput, CheckFailed

PATIENCE_S = 120.0


class DoesNotFit(CheckFailed):
    """The database differs from the contract in a way that no migration can work with. Nothing was changed."""

    def __init__(self, differences: list[Difference]) -> None:
        refused = [difference for difference in differences if difference.refused]
        super().__init__(
            "this database cannot be adopted as it is:\n  " + "\n  ".join(map(str, refused)),
            hint="Nothing was changed. Mend these, or name other tables and columns with --mapping FILE.",
        )
        self.differences = differences


@dataclass(frozen=True, slots=True)
class Adopted:
    """What `adopt` recorded: the differences that do no harm, the adapted tables and the checksum of their views."""

    id: str
    name: str
    differences: tuple[Difference, ...]
    adapted: Mapping[str, str]
    checksum: str | None


def check(url: str, mapping: str | None = None, *, folder: Path | None = None) -> list[Difference]:
    """Hold a database against the contract. Changes nothing.

    Raises:
        BadInput: the mapping cannot be used.
        Unreachable: the server does not answer.
    """
    mapped = adapter.read(mapping) if mapping else {}
    with connect(url) as connection:
        return _check(connection, mapped, discover(folder))


def adopt(
    url: str, mapping: str | None = None, *, folder: Path | None = None, patience_s: float = PATIENCE_S
) -> Adopted:
    """Record the app's own tables as the first migration, which is not run and can never be undone.

    `mapping` is the text of a TOML file, see `adapter`.

    Raises:
        DoesNotFit: the database differs from the contract in a way that no migration can work with.
        BadInput: the mapping cannot be used, or a runner has worked on this database before.
        Busy, Unreachable: see `session`.
    """
    mapped = adapter.read(mapping) if mapping else {}
    migrations = discover(folder)
    with connect(url) as connection:
        _refuse_known(connection)
        told = _check(connection, mapped, migrations)
    if any(difference.refused for difference in told):
        raise DoesNotFit(told)
    with session(url, None, patience_s) as runner, runner.connection.transaction():
        _refuse_known(runner.connection)
        checksum = adapter.save(runner.connection, mapping, mapped) if mapping else None
        first = _rendered(migrations[0], mapped)
        values = {"id": first.id, "name": first.name, "steps_done": len(first.up), "checksum": first.checksum()}
        runner.connection.execute(ledger.statement("save_baseline"), values)
    adapted = {table: f"{place.schema}.{place.table}" for table, place in mapped.items()}
    return Adopted(first.id, first.name, tuple(told), adapted, checksum)


def _rendered(migration: Migration, mapped: Mapping[str, Place]) -> Migration:
    """The migration as the runner will see it, whose checksum it will compare."""
    return replace(
        migration, up=tuple(replace(step, sql=adapter.render(step.sql, mapped).strip()) for step in migration.up)
    )


def _refuse_known(connection: psycopg.Connection[Any]) -> None:
    if entries := ledger.read(connection):
        last = max(entries)
        raise BadInput(
            f"this database is known already: migration {last} {entries[last].name} stands",
            hint="Go on with `insights migrate plan` and `insights migrate up`.",
        )


def _check(
    connection: psycopg.Connection[Any], mapped: Mapping[str, Place], migrations: tuple[Migration, ...]
) -> list[Difference]:
    told = legacy.differences(connection, legacy.places(mapped))
    if not ledger.scalar(connection, "baseline_rights"):
        told.append(Difference("public", None, "this role may make no tables here", "GRANT CREATE ON SCHEMA public."))
    text = "\n".join(step.sql for migration in migrations[1:] for step in migration.up)
    names = {*locks.made(text, "table", "view", "type", "function"), *mapped}
    for (name,) in connection.execute(ledger.statement("baseline_taken"), {"names": sorted(names)}).fetchall():
        told.append(Difference(name, None, "the name is taken: a migration makes it", "Rename what is there."))
    return told
