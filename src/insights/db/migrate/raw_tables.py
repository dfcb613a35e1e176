"""Raw tables as Parquet: every row as it is, streamed, with checksums.

Integers, floats and booleans keep their types; everything else is PostgreSQL's own text for the value, so that COPY
brings back exactly what was there. `manifest.json` names the columns' types, `SHA256SUMS` is for `sha256sum --check`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from psycopg import sql

from insights.db.connection import connect
from insights.db.migrate import ledger
from insights.errors import BadInput, InsightsError

NATIVE = {
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double precision": pa.float64(),
    "boolean": pa.bool_(),
}


@dataclass(frozen=True, slots=True)
class File:
    """One Parquet file. `late` holds rows that were written or changed while the others were read."""

    table: str
    name: str
    rows: int
    sha256: str
    columns: Mapping[str, str]
    late: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """All tables under one snapshot; transactions from `first_later` on (a transaction id) may be missing in them."""

    folder: Path
    files: tuple[File, ...]
    first_later: str


def export(url: str, tables: Sequence[str], folder: Path) -> Export:
    """Write each table to `folder/TABLE.parquet`. Nobody waits for it.

    Raises:
        BadInput: the folder holds something already, or cannot be made.
        InsightsError: what was written is not what was read.
    """
    _make(folder)
    with connect(url) as connection:
        columns = {table: _columns(connection, table) for table in tables}
    # ADBC streams record batches; psycopg would build a Python object for every value.
    with closing(adbc.connect(url, autocommit=False)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL timezone = 'UTC'")
        cursor.execute("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::numeric % 4294967296)::text")
        (first_later,) = cursor.fetchone()
        files = tuple(_export(cursor, table, columns[table], folder) for table in tables)
    return Export(folder, files, first_later)


def append_late(connection: psycopg.Connection[Any], done: Export) -> Export:
    """Write the rows of transactions that the export may have missed to files of their own, beside the others.

    Run it in the transaction that holds the tables against writers: then the export and these hold every row.
    """
    late = [_append_late(connection, file, done) for file in done.files]
    return Export(done.folder, (*done.files, *(file for file in late if file)), done.first_later)


def seal(done: Export, about: Mapping[str, Any]) -> None:
    """Write `manifest.json` and `SHA256SUMS`."""
    manifest = {**about, "files": [asdict(file) for file in done.files]}
    (done.folder / "manifest.json").write_text(json.dumps(manifest, indent=2, default=str) + "\n", encoding="utf-8")
    sums = "".join(f"{file.sha256}  {file.name}\n" for file in done.files)
    (done.folder / "SHA256SUMS").write_text(sums, encoding="utf-8")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken = any(folder.iterdir())
    except OSError as error:
        raise BadInput(f"cannot write to {folder}: {error.strerror}") from error
    if taken:
        raise BadInput(f"{folder} is not empty", hint="Name a new folder: nothing is ever written over an archive.")


def _columns(connection: psycopg.Connection[Any], table: str) -> dict[str, str]:
    found = connection.execute(ledger.statement("raw_columns"), {"table": table}).fetchall()
    if not found:
        raise BadInput(f"there is no table {table}")
    return dict(found)


def _query(table: str, columns: Mapping[str, str]) -> sql.Composed:
    values = [
        sql.SQL("{}" if kind in NATIVE else "{}::text AS {}").format(
            *[sql.Identifier(name)] * (1 + (kind not in NATIVE))
        )
        for name, kind in columns.items()
    ]
    return sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(values), sql.Identifier("public", table))


def _schema(columns: Mapping[str, str]) -> pa.Schema:
    return pa.schema([(name, NATIVE.get(kind, pa.string())) for name, kind in columns.items()])


def _export(cursor: adbc.Cursor, table: str, columns: Mapping[str, str], folder: Path) -> File:
    cursor.execute(_query(table, columns).as_string())
    reader = cursor.fetch_record_batch()
    read = 0
    path = folder / f"{table}.parquet"

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal read
        for batch in reader:
            read += batch.num_rows
            yield batch

    _write(path, _schema(columns), batches())
    cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("public", table)).as_string())
    (counted,) = cursor.fetchone()
    return _checked(path, table, columns, counted, read)


def _append_late(connection: psycopg.Connection[Any], file: File, done: Export) -> File | None:
    query = _query(file.table, file.columns) + sql.SQL(" WHERE age(xmin) <= age({}::text::xid)").format(
        done.first_later
    )
    rows = connection.execute(query).fetchall()
    if not rows:
        return None
    schema = _schema(file.columns)
    columns = [pa.array(values, type=kind) for values, kind in zip(zip(*rows, strict=True), schema.types, strict=True)]
    path = done.folder / f"{file.table}.late.parquet"
    _write(path, schema, [pa.RecordBatch.from_arrays(columns, schema=schema)])
    return _checked(path, file.table, file.columns, len(rows), len(rows), late=True)


def _write(path: Path, schema: pa.Schema, batches: Iterator[pa.RecordBatch] | Sequence[pa.RecordBatch]) -> None:
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.cast(schema))


def _checked(
    path: Path, table: str, columns: Mapping[str, str], counted: int, read: int, *, late: bool = False
) -> File:
    """The file as it is on disk now: read back, counted, summed."""
    rows = pq.ParquetFile(path).metadata.num_rows
    if not rows == counted == read:
        raise InsightsError(f"{path} holds {rows} rows, {read} were read, and {table} has {counted}")
    with path.open("rb") as stream:
        digest = file_digest(stream, "sha256").hexdigest()
    return File(table, path.name, rows, digest, dict(columns), late)
