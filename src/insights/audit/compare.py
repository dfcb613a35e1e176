"""Comparison: the recomputed rows of a table against the stored ones, column by column."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import duckdb
import polars as pl

from insights.audit.recompute import add_table
from insights.audit.values import json_value

Row = dict[str, Any]

# What names a row to a reader, and pairs it where its id does not.
KEYS: Mapping[str, tuple[str, ...]] = {
    "volume_analytics": ("user_id", "period_type", "calculation_date"),
    "strength_progressions": ("user_id", "exercise_id", "measurement_date"),
    "insight_data_points": ("user_id", "data_type", "entity_id", "entity", "window_start", "window_end"),
}
JSON_COLUMNS = ("volume_by_muscle_group", "volume_by_movement", "json_value")


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell that differs, or a whole row (column is null) that is stored and should not be, or the reverse."""

    kind: Literal["changed", "missing", "extra"]
    table: str
    key: Row
    column: str | None
    stored: Any
    recomputed: Any

    def as_json(self) -> Row:
        """Plain values; dates, ids and decimals stay objects that `str` writes."""
        return {name: getattr(self, name) for name in self.__slots__}


def compare(connection: duckdb.DuckDBPyConnection, table: str, stored: pl.DataFrame) -> tuple[int, list[Difference]]:
    """The number of stored and missing rows that were compared, and their differences.

    `connection` comes from `recompute`; `stored` has the columns of its table `table`.
    """
    texts = [name for name in JSON_COLUMNS if name in stored.columns]
    by_value = stored.with_columns(
        pl.col(name).map_elements(json_value, return_dtype=pl.String, skip_nulls=True) for name in texts
    )
    add_table(connection, "incoming_rows", by_value)
    # the same types as what is recomputed
    connection.execute(f"CREATE OR REPLACE TABLE stored_{table} AS FROM {table} LIMIT 0")
    connection.execute(f"INSERT INTO stored_{table} BY NAME FROM incoming_rows")
    connection.execute("DROP TABLE incoming_rows")
    should_be = _rows(connection, f"FROM {table} EXCEPT ALL FROM stored_{table}")
    is_there = _rows(connection, f"FROM stored_{table} EXCEPT ALL FROM {table}")
    differences = list(_differences(table, is_there, should_be))
    missing = sum(difference.kind == "missing" for difference in differences)
    return stored.height + missing, differences


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    found = connection.execute(f"{query} ORDER BY ALL")
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


def _differences(table: str, is_there: list[Row], should_be: list[Row]) -> Iterator[Difference]:
    """Rows are paired by id, and what is left by the natural key."""
    for columns in (("id",), KEYS[table]):
        pairs, is_there, should_be = _paired(is_there, should_be, columns)
        for stored, recomputed in pairs:
            for column, value in stored.items():
                if value != recomputed[column]:
                    yield Difference("changed", table, _key(table, stored), column, value, recomputed[column])
    for row in is_there:
        yield Difference("extra", table, _key(table, row), None, row, None)
    for row in should_be:
        yield Difference("missing", table, _key(table, row), None, None, row)


def _key(table: str, row: Row) -> Row:
    return {name: row[name] for name in KEYS[table]}


def _paired(
    left: list[Row], right: list[Row], columns: tuple[str, ...]
) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
    """Pairs of rows that agree on the columns, and the rows of both sides that found no partner."""
    waiting: dict[Hashable, list[Row]] = defaultdict(list)
    for row in right:
        waiting[tuple(row[name] for name in columns)].append(row)
    pairs: list[tuple[Row, Row]] = []
    alone: list[Row] = []
    for row in left:
        partners = waiting[tuple(row[name] for name in columns)]
        if partners:
            pairs.append((row, partners.pop(0)))
        else:
            alone.append(row)
    return pairs, alone, [row for rows in waiting.values() for row in rows]
