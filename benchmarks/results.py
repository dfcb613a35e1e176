"""The tables that an engine writes: emptied before each contestant, kept as files for the floor, compared row by row.

Which tables these are is not a list here: every table that the engine has filled counts, its stored state included.
Only the ledger of runs is left out, which holds a few rows a run.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from psycopg import sql

from insights.db.connection import connect

ANALYTICS = ("volume_analytics", "strength_progressions", "insight_data_points")
LEDGER = "analytics\\_%"
WHEN = ("created_at", "updated_at")  # says when a row was written, which no two runs share
KEPT = "benchmark"  # the schema that keeps the engine's rows
EXAMPLES = 3
CHUNK = 1 << 20

# Rows that are on one side more often than on the other; one pass over both.
UNLIKE = """
WITH unlike AS (
    SELECT {columns}, sum(side) AS surplus
    FROM (SELECT {columns}, 1 AS side FROM {engine} UNION ALL SELECT {columns}, -1 FROM {peer}) AS both_sides
    GROUP BY {columns}
    HAVING sum(side) <> 0
)
SELECT coalesce(sum(surplus) FILTER (WHERE surplus > 0), 0)::bigint,
       coalesce(-sum(surplus) FILTER (WHERE surplus < 0), 0)::bigint,
       ARRAY(
           SELECT CASE WHEN surplus > 0 THEN 'engine: ' ELSE 'peer: ' END || unlike::text
           FROM unlike ORDER BY unlike::text LIMIT {examples}
       )
FROM unlike
"""

Connection = psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A contestant's rows of one table against the engine's. Rows that differ count on both sides."""

    rows: int
    only_engine: int
    only_peer: int
    left_out: tuple[str, ...]  # columns that are not compared
    examples: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Whether every row is the same."""
        return not self.only_engine and not self.only_peer


def filled(url: str) -> set[str]:
    """The tables with at least one row, but for the ledger of runs."""
    with connect(url) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE %s", (LEDGER,)
        ).fetchall()
        return {name for (name,) in names if _has_rows(connection, name)}


def _has_rows(connection: Connection, table: str) -> bool:
    found = connection.execute(sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table))).fetchone()
    return bool(found and found[0])


def clear(url: str, tables: Sequence[str]) -> None:
    """Empty the tables, bring everything to the disk, and leave the next contestant a quiet server."""
    with connect(url, autocommit=True) as connection:
        if tables:
            connection.execute(sql.SQL("TRUNCATE {}").format(_names(tables)))
        connection.execute("CHECKPOINT")


def settle(url: str) -> None:
    """What autovacuum, which is off here, does for tables that have just been filled."""
    with connect(url, autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")
        connection.execute("CHECKPOINT")


def keep(url: str, tables: Sequence[str], scratch: Path) -> dict[str, int]:
    """Keep the rows of the tables: beside them, to compare with, and as files of binary COPY, for the floor.

    The files hold the rows in the order of the primary key, which is the order that their index likes best. Returns the
    number of rows by table.
    """
    rows: dict[str, int] = {}
    with connect(url) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(KEPT)))
        for table in tables:
            kept = sql.Identifier(KEPT, table)
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(kept))
            statement = sql.SQL("CREATE UNLOGGED TABLE {} AS TABLE {}").format(kept, sql.Identifier(table))
            rows[table] = connection.execute(statement).rowcount
            with file_of(scratch, table).open("wb") as file:
                copy_out(connection, sql.SQL("TABLE {} ORDER BY {}").format(kept, _key(connection, table)), file)
    return rows


def file_of(scratch: Path, table: str) -> Path:
    """Where the engine's rows of a table are kept."""
    return scratch / f"{table}.copy"


def _key(connection: Connection, table: str) -> sql.Composable:
    found = connection.execute(
        "SELECT a.attname FROM pg_index AS i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)"
        " JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum"
        " WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY k.place",
        (table,),
    ).fetchall()
    return _names([name for (name,) in found]) if found else sql.SQL("1")


def _names(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def copy_out(connection: Connection, query: sql.Composable, file: BinaryIO | None) -> int:
    """Binary COPY of a query into a file, or to nowhere; the number of bytes."""
    size = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(query)) as copy,
    ):
        for block in copy:
            size += len(block)
            if file:
                file.write(block)
    return size


def copy_in(connection: Connection, table: str, file: Path) -> None:
    """Binary COPY of a file into a table."""
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(table))
    with connection.cursor() as cursor, cursor.copy(statement) as copy, file.open("rb") as source:
        while block := source.read(CHUNK):
            copy.write(block)


def compare(url: str, table: str, without: Sequence[str] = ()) -> Comparison:
    """Compare every row of a table with what `keep` has kept, in all columns but when it was written and `without`."""
    with connect(url) as connection:
        connection.execute("SET LOCAL work_mem = '256MB'")
        columns = connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped"
            " AND attname <> ALL (%s) ORDER BY attnum",
            (table, [*WHEN, *without]),
        ).fetchall()
        names = {"columns": _names([name for (name,) in columns]), "examples": sql.Literal(EXAMPLES)}
        places = {"engine": sql.Identifier(KEPT, table), "peer": sql.Identifier(table)}
        found = connection.execute(sql.SQL(UNLIKE).format(**names, **places)).fetchone()
        counted = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(places["peer"])).fetchone()
    only_engine, only_peer, examples = found if found else (0, 0, [])
    return Comparison(
        rows=counted[0] if counted else 0,
        only_engine=only_engine,
        only_peer=only_peer,
        left_out=tuple(without),
        examples=tuple(examples),
    )


def newest_transaction(url: str) -> int:
    """The number of a transaction that begins now: what is written from here on has it or a higher one."""
    with connect(url) as connection:
        found = connection.execute("SELECT pg_current_xact_id()::text::bigint").fetchone()
    return int(found[0]) if found else 0


def written_since(table: str, transaction: int) -> sql.Composed:
    """The query of the rows of a table that were written since `newest_transaction`."""
    # the 32 bits of xmin are enough on a server that has not yet used them up
    return sql.SQL("SELECT * FROM {} WHERE xmin::text::bigint >= {}").format(sql.Identifier(table), transaction)
