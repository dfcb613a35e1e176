"""What a down would destroy and the legacy tables cannot rebuild: counted, kept aside, and put back by the next up.

Kept are rows of two kinds. A whole row has no legacy row behind it: it is inserted again. A delta has one: it holds
the columns that someone has changed since, and they are laid over the row that the backfill makes anew, so that what
the old app has written meanwhile stands everywhere else. A row whose parents are gone by then stays in the archive.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg import sql

from insights.db.migrate import ledger
from insights.db.migrate.files import Migration

Connection = psycopg.Connection[Any]


def losses(connection: Connection, migration: Migration) -> Iterator[tuple[str, int]]:
    """What undoing a migration would destroy: (table, number of rows), without zeros."""
    if migration.archive:
        query = sql.SQL(ledger.text("archive_count")).format(rows=_subquery(migration.archive))
        yield from connection.execute(query).fetchall()
    if migration.loses:
        rows = connection.execute(migration.loses.encode(), prepare=False).fetchall()
        yield from ((what, count) for what, count in rows if count)


def keep(connection: Connection, migrations: Sequence[Migration]) -> None:
    """Copy everything that undoing these migrations would destroy into the schema insights_archive."""
    with connection.transaction():
        connection.execute(ledger.statement("archive_create"))
        for migration in sorted(migrations, key=lambda migration: migration.id):
            connection.execute(ledger.statement("archive_forget"), {"migration": migration.id})
            for rows in _archived(connection, migration):
                insert = sql.SQL(ledger.text("archive_keep")).format(rows=rows)
                connection.execute(insert, {"migration": migration.id})


def put_back(connection: Connection, migrations: Sequence[str]) -> int:
    """Put back the kept rows of these migrations, which stand; how many could not be and stay in the archive."""
    if not ledger.scalar(connection, "archive_exists"):
        return 0
    groups = connection.execute(ledger.statement("archive_groups"), {"migrations": list(migrations)}).fetchall()
    for ids, table, key, delta, columns in groups:
        statement = _write_back(connection, table, key, columns, delta=delta)
        if not _try(connection, statement, ids):
            for one in ids:
                _try(connection, statement, [one])
        _advance(connection, table)
    left = ledger.scalar(connection, "archive_left")
    if not left:
        with connection.transaction():
            connection.execute(ledger.statement("archive_drop"))
    return int(left)


def _archived(connection: Connection, migration: Migration) -> Iterator[sql.Composable]:
    """The queries whose rows are (table_name, key, row, delta)."""
    if migration.archive:
        yield _subquery(migration.archive)
    if migration.loses:
        for what, count in connection.execute(migration.loses.encode(), prepare=False).fetchall():
            if count:
                yield _whole(connection, what)


def _whole(connection: Connection, what: str) -> sql.Composable:
    """All rows of "table", or as deltas those of "table.column" and "table (words)", which stays as a table."""
    table, _, column = what.split(" ", maxsplit=1)[0].partition(".")
    key = connection.execute(ledger.statement("archive_key"), {"table": table}).fetchall()
    names = [name for (name,) in key]
    row: sql.Composable = sql.SQL("to_jsonb(t)")
    condition: sql.Composable = sql.SQL("true")
    if column:
        pairs = [part for name in (*names, column) for part in (sql.Literal(name), sql.Identifier("t", name))]
        row = sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))
        condition = sql.SQL("{} IS NOT NULL").format(sql.Identifier("t", column))
    return sql.SQL(
        "(SELECT {table_name} AS table_name, {key}::text[] AS key, {row} AS row, {delta} AS delta"
        " FROM {table} AS t WHERE {condition}) AS kept"
    ).format(
        table_name=sql.Literal(table), key=sql.Literal(names), row=row, delta=sql.Literal(what != table),
        table=sql.Identifier(table), condition=condition,
    )  # fmt: skip


def _subquery(text: str) -> sql.Composable:
    bare = text.strip().rstrip(";").replace("%", "%%")
    return sql.SQL("({}\n) AS kept").format(sql.SQL(bare))


def _write_back(
    connection: Connection, table: str, key: Sequence[str], columns: Sequence[str], *, delta: bool
) -> sql.Composed:
    """One statement for rows of a table that have the same columns; those that the table no longer has are left out."""
    have = {name for (name,) in connection.execute(ledger.statement("archive_columns"), {"table": table})}
    names = [name for name in columns if name in have]
    changed = [name for name in names if name not in key]
    populated = sql.SQL("jsonb_populate_record(NULL::{table}, k.row)").format(table=sql.Identifier(table))
    return sql.SQL(ledger.text("archive_update" if delta else "archive_upsert")).format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(map(sql.Identifier, names)),
        key=sql.SQL(", ").join(map(sql.Identifier, key)),
        populated=populated,
        values=sql.SQL(", ").join(sql.Identifier("r", name) for name in names),
        matches=sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier("t", name), sql.Identifier("r", name)) for name in key
        ),
        updates=sql.SQL(", ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Identifier("r" if delta else "excluded", name))
            for name in changed or key
        ),
    )


def _try(connection: Connection, statement: sql.Composed, ids: Sequence[int]) -> bool:
    try:
        with connection.transaction():
            connection.execute(statement, {"ids": list(ids)})
            connection.execute(ledger.statement("archive_done"), {"ids": list(ids)})
    except (psycopg.IntegrityError, psycopg.DataError):
        return False
    return True


def _advance(connection: Connection, table: str) -> None:
    """Rows that brought their numbers along: the table's own counter goes on after them."""
    name = connection.execute(ledger.statement("archive_counter"), {"table": table}).fetchone()
    if name and name[0]:
        query = sql.SQL("SELECT setval(%s::regclass, greatest((SELECT max(id) FROM {}), 1))")
        connection.execute(query.format(sql.Identifier(table)), (name[0],))
