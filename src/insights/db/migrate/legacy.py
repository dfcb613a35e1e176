"""The contract of the legacy schema: what the migrations need of an app's own tables, and where a database differs."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from insights import assets
from insights.db.migrate import ledger

FAMILIES = {
    "text": {"text", "character varying", "character", "bpchar", "citext"},
    "word": {"text", "character varying", "citext"},  # or an enum
    "integer": {"smallint", "integer"},
    "double precision": {"double precision", "real", "numeric"},
    "json": {"json", "jsonb"},
    "jsonb": {"jsonb"},
    "timestamptz": {"timestamp with time zone"},
    "timestamp": {"timestamp without time zone", "timestamp with time zone"},
    "uuid": {"uuid"},
    "boolean": {"boolean"},
    "text[]": {"text[]", "character varying[]"},
}


@dataclass(frozen=True, slots=True)
class Column:
    """What the contract says of a column; `parent` is the table that it refers to."""

    type: str
    not_null: bool
    parent: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table of the contract is in a database, and what its columns are called there.

    `columns` maps the contract's names to the database's, where they differ; `missing` are columns that read as NULL.
    """

    schema: str
    table: str
    columns: Mapping[str, str] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()

    @property
    def identifier(self) -> sql.Identifier:
        """The table's name with its schema, quoted."""
        return sql.Identifier(self.schema, self.table)

    def name_of(self, column: str) -> str:
        """What the database calls a column of the contract."""
        return self.columns.get(column, column)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a database differs from the contract. A refused one must be mended before anything is changed."""

    table: str
    column: str | None
    problem: str
    mend: str = ""
    refused: bool = True

    def __str__(self) -> str:
        where = f"{self.table}.{self.column}" if self.column else self.table
        return f"{where}: {self.problem}" + (f" - {self.mend}" if self.mend else "")


@dataclass(frozen=True, slots=True)
class _Found:
    canonical: str
    name: str
    type: str
    is_enum: bool
    not_null: bool
    has_default: bool
    relkind: str
    mine: bool
    is_unique: bool


@cache
def declared() -> Mapping[str, Mapping[str, Column]]:
    """The contract, from `sql/migrations/legacy_contract.toml`: table -> column -> what is needed."""
    tables = tomllib.loads(assets.text("sql", "migrations", "legacy_contract.toml"))
    return {table: {name: _column(text) for name, text in columns.items()} for table, columns in tables.items()}


def _column(text: str) -> Column:
    text, _, parent = text.partition(" -> ")
    return Column(text.removesuffix(" not null"), text.endswith(" not null"), parent or None)


def places(mapped: Mapping[str, Place] | None = None) -> dict[str, Place]:
    """Where each table of the contract is: where the mapping says, else under its own name in `public`."""
    return {table: (mapped or {}).get(table, Place("public", table)) for table in declared()}


def differences(connection: psycopg.Connection[Any], where: Mapping[str, Place]) -> list[Difference]:
    """Every difference from the contract, in its order. Reads rows only where the catalogue makes no promise."""
    values = {
        "canonical": list(where),
        "schemas": [place.schema for place in where.values()],
        "tables": [place.table for place in where.values()],
    }
    with connection.cursor(row_factory=class_row(_Found)) as cursor:
        rows = cursor.execute(ledger.statement("baseline_columns"), values).fetchall()
    references = set(connection.execute(ledger.statement("baseline_references"), values).fetchall())
    found: dict[str, dict[str, _Found]] = {}
    for row in rows:
        found.setdefault(row.canonical, {})[row.name] = row
    told: list[Difference] = []
    for table, columns in declared().items():
        judge = _Judge(connection, table, where, found.get(table, {}))
        if not judge.standing:
            place = where[table]
            told.append(Difference(table, None, f"there is no table {place.schema}.{place.table}"))
            continue
        told += judge.table_as_a_whole()
        for name, column in columns.items():
            told += judge.column(name, column, references, found)
        told += judge.surplus(columns)
    return told


class _Judge:
    """One table of a database, held against the contract."""

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        table: str,
        where: Mapping[str, Place],
        standing: Mapping[str, _Found],
    ) -> None:
        self.connection = connection
        self.table = table
        self.where = where
        self.place = where[table]
        self.standing = standing

    def table_as_a_whole(self) -> Iterator[Difference]:
        first = next(iter(self.standing.values()))
        if first.relkind not in "rp":
            yield Difference(self.table, None, "is a view, which no migration can alter or refer to", "Name its table.")
        elif not first.mine:
            yield Difference(
                self.table, None, "belongs to another role, and only its owner may alter it", "Migrate as that role."
            )

    def column(
        self, name: str, wanted: Column, references: set[Any], found: Mapping[str, Mapping[str, _Found]]
    ) -> Iterator[Difference]:
        if name in self.place.missing:
            return
        here = self.standing.get(self.place.name_of(name))
        if here is None:
            yield Difference(self.table, name, "the column is missing", f"{wanted.type} is expected")
            return
        if not (here.type in FAMILIES[wanted.type] or (wanted.type == "word" and here.is_enum)):
            yield self._wrong_type(name, wanted, here)
            return
        if name == "id" and not here.is_unique:
            yield Difference(self.table, name, "has no primary key or unique index", "Foreign keys must refer to it.")
        if wanted.not_null and not here.not_null:
            yield self._nullable(name, here)
        if wanted.parent and (self.table, here.name, wanted.parent) not in references and found.get(wanted.parent):
            yield self._no_foreign_key(name, here, wanted.parent)

    def _wrong_type(self, name: str, wanted: Column, here: _Found) -> Difference:
        if wanted.type == "uuid":
            mend = (
                "keys must be UUIDs, because the new tables refer to them; give each table a uuid column, fill it, "
                "and make it the key"
            )
            return Difference(self.table, name, f"is {here.type}, not uuid", mend)
        return Difference(self.table, name, f"is {here.type}", f"{wanted.type} is expected")

    def _nullable(self, name: str, here: _Found) -> Difference:
        query = sql.SQL("SELECT count(*) FROM {} WHERE {} IS NULL")
        count = self._count(query.format(self.place.identifier, sql.Identifier(here.name)))
        if count:
            return Difference(self.table, name, f"{count} rows have NULL", "The contract says NOT NULL: fill them.")
        return Difference(self.table, name, "may be NULL, and no row is", refused=False)

    def _no_foreign_key(self, name: str, here: _Found, parent: str) -> Difference:
        other = self.where[parent]
        query = sql.SQL(
            "SELECT count(*) FROM {child} AS c LEFT JOIN {parent} AS p ON p.{id}::text = c.{fk}::text"
            " WHERE c.{fk} IS NOT NULL AND p.{id} IS NULL"
        )
        parts = {
            "child": self.place.identifier,
            "parent": other.identifier,
            "id": sql.Identifier(other.name_of("id")),
            "fk": sql.Identifier(here.name),
        }
        count = self._count(query.format(**parts))
        if count:
            return Difference(
                self.table, name, f"{count} rows refer to no row of {parent}", "Such rows would get lost."
            )
        return Difference(self.table, name, f"has no foreign key to {parent}; every row has its parent", refused=False)

    def surplus(self, columns: Mapping[str, Column]) -> Iterator[Difference]:
        """Columns of the app's own that an insert must name: the engine's own inserts do not know them."""
        known = {self.place.name_of(name) for name in columns}
        for name, here in self.standing.items():
            if name not in known and here.not_null and not here.has_default:
                yield Difference(
                    self.table,
                    name,
                    "is NOT NULL without a default, and the contract does not know it",
                    "Imports and the reverse sync cannot insert here until it has a default.",
                    refused=False,
                )

    def _count(self, query: sql.Composed) -> int:
        row = self.connection.execute(query).fetchone()
        return int(row[0]) if row else 0
