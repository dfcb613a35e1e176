"""Trial rows: one valid row of any table, its parents first, for a transaction that is rolled back."""

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from insights.db.migrate import ledger

DAY = date(2026, 1, 5)
EMAIL = "checklist@example.invalid"


@dataclass(frozen=True, slots=True)
class _Needed:
    table: str
    column: str
    type: str
    is_enum: bool
    label: str | None
    length: int | None
    parent: str | None
    allowed: str | None


class TrialRows:
    """Writes rows into a transaction that someone else rolls back; each parent is written once."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.written: dict[str, dict[str, Any]] = {}
        self.needed: dict[str, list[_Needed]] = {}
        with connection.cursor(row_factory=class_row(_Needed)) as cursor:
            for column in cursor.execute(ledger.statement("trial_columns")):
                self.needed.setdefault(column.table, []).append(column)

    def write_and_read(self, table: str) -> bool:
        """Write a row of the table and read it back; whether it is there.

        Raises:
            psycopg.Error: the database refuses the row.
        """
        row = self.row(table)
        conditions = [
            sql.SQL("{} = {}").format(sql.Identifier(column.column), row[column.column])
            for column in self.needed.get(table, [])
            if not column.type.startswith("json")
        ]
        if "id" in row:
            conditions.append(sql.SQL("id = {}").format(row["id"]))
        query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(
            sql.Identifier("public", table), sql.SQL(" AND ").join([sql.SQL("true"), *conditions])
        )
        found = self.connection.execute(query).fetchone()
        return found is not None and found[0] >= 1

    def row(self, table: str) -> dict[str, Any]:
        """The trial row of a table, all its columns, written now or before."""
        if table not in self.written:
            values = self._values(table)
            if taken := self._made_with_its_parent(table, values):
                self.written[table] = taken
            else:
                self.written[table] = self._insert(table, values)
        return self.written[table]

    def _made_with_its_parent(self, table: str, values: dict[str, Any]) -> dict[str, Any] | None:
        """A row that a trigger has written with the parent's: live sync makes blocks, performances and preferences."""
        keys = {c.column: values[c.column] for c in self.needed.get(table, []) if c.parent}
        if not keys:
            return None
        match = sql.SQL(" AND ").join(sql.SQL("{} = {}").format(sql.Identifier(k), v) for k, v in keys.items())
        with self.connection.cursor(row_factory=dict_row) as cursor:
            query = sql.SQL("SELECT * FROM {} WHERE {} LIMIT 1")
            return cursor.execute(query.format(sql.Identifier("public", table), match)).fetchone()

    def _insert(self, table: str, values: dict[str, Any] | None = None) -> dict[str, Any]:
        values = self._values(table) if values is None else values
        names = sql.SQL(", ").join(map(sql.Identifier, values))
        literals = sql.SQL(", ").join(sql.Placeholder(name) for name in values)
        what = sql.SQL("({}) VALUES ({})").format(names, literals) if values else sql.SQL("DEFAULT VALUES")
        query = sql.SQL("INSERT INTO {} {} RETURNING *").format(sql.Identifier("public", table), what)
        with self.connection.cursor(row_factory=dict_row) as cursor:
            row = cursor.execute(query, values).fetchone()
        assert row is not None
        return row

    def _values(self, table: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        parents: set[str] = set()
        for column in self.needed.get(table, []):
            if column.parent in (None, table):
                values[column.column] = self._value(column)
                continue
            assert column.parent is not None
            # a second reference to one table names another row: no lift is a variation of itself
            parent = self._insert(column.parent) if column.parent in parents else self.row(column.parent)
            parents.add(column.parent)
            values[column.column] = parent["id"] if "id" in parent else parent[column.column]
        return values

    def _value(self, column: _Needed) -> Any:
        if column.is_enum or column.allowed is not None:
            return column.label if column.is_enum else column.allowed
        if column.column == "email":
            return EMAIL
        if column.type in ("varchar", "text", "bpchar"):
            return uuid.uuid4().hex[: column.length]
        return _value_of(column.type)


def _value_of(kind: str) -> Any:
    values: dict[str, Any] = {
        "uuid": uuid.uuid4(),
        "bool": True,
        "date": DAY,
        "time": time(12),
        "timestamp": datetime(2026, 1, 5, 12),  # noqa: DTZ001 - a column without a zone
        "timestamptz": datetime(2026, 1, 5, 12, tzinfo=UTC),
        "json": Jsonb({}),
        "jsonb": Jsonb({}),
    }
    return [] if kind.startswith("_") else values.get(kind, 1)  # an array's type name begins so
