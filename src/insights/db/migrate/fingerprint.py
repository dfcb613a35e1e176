"""Fingerprints: of a database's schema, of its rows, and of the migrations that would be tried on it."""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import sql

from insights.db.migrate import ledger
from insights.db.migrate.files import Migration

_CAST_WORD = re.compile(r"\(('(?:[^']|'')*'::character varying)\)::text")
_CAST_LIST = re.compile(r"\((ARRAY\[[^\[\]]*\])\)::text\[\]")


def lines(connection: psycopg.Connection[Any]) -> tuple[str, ...]:
    """The schema, one line for each thing in it, sorted; the runner's own tables are left out."""
    connection.execute("SELECT set_config('search_path', '', false)")  # names are written with their schema
    try:
        found = connection.execute(ledger.statement("fingerprint")).fetchall()
    finally:
        connection.execute("SELECT set_config('search_path', 'public', false)")
    return tuple(sorted(_one_wording(line) for (line,) in found))


def _one_wording(line: str) -> str:
    """The line with one wording for `IN ('a', 'b')` over a varchar, which PostgreSQL words anew in a restored dump."""
    return _CAST_LIST.sub(r"\1", _CAST_WORD.sub(r"\1", line))


def of_schema(connection: psycopg.Connection[Any]) -> str:
    """SHA-256 of the schema: equal for a staging database and a live one that have the same."""
    return sha256("\n".join(lines(connection)).encode()).hexdigest()


def of_migrations(migrations: Iterable[Migration]) -> str:
    """SHA-256 of what `up` and `down` would run."""
    digest = sha256()
    for migration in migrations:
        digest.update(f"{migration.id}\0{migration.checksum()}\0".encode())
        for step in migration.down:
            digest.update(f"{step.name}\0{step.sql}\0".encode())
    return digest.hexdigest()


def of_rows(connection: psycopg.Connection[Any], tables: Iterable[tuple[str, tuple[str, ...]]]) -> str:
    """MD5 of all rows of some tables, of each the named columns; the order of the rows does not matter."""
    digests = []
    for table, columns in tables:
        row = sql.SQL("ROW({})").format(sql.SQL(", ").join(map(sql.Identifier, columns)))
        query = sql.SQL(
            "SELECT md5(coalesce(string_agg(md5({row}::text), '' ORDER BY md5({row}::text)), '')) FROM {table}"
        )
        found = connection.execute(query.format(row=row, table=sql.Identifier("public", table))).fetchone()
        digests.append(f"{table} {found[0] if found else ''}")
    return sha256("\n".join(digests).encode()).hexdigest()
