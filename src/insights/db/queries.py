"""The queries of `sql/queries/`, by name, for psycopg."""

from collections.abc import Mapping
from functools import cache
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from insights import assets

Row = dict[str, Any]


@cache
def query(name: str) -> LiteralString:
    """The text of `sql/queries/NAME.sql`."""
    return assets.text("sql", "queries", f"{name}.sql")


def rows(connection: psycopg.Connection[Any], name: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
    """Run a query; its rows as dictionaries."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query(name), parameters).fetchall()


def run(connection: psycopg.Connection[Any], name: str, parameters: Mapping[str, Any] | None = None) -> int:
    """Run a statement; the number of rows that it touched."""
    return connection.execute(query(name), parameters).rowcount
