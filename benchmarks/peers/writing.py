"""How the peers in Python write: Arrow to CSV in C++, one COPY into the table itself, whose indexes are all there.

Text and not binary, because neither pandas nor DuckDB can write PostgreSQL's binary numerics; the server
parses text instead.
"""

import io
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
from psycopg import sql

from benchmarks.results import copy_in, file_of
from benchmarks.stages import Stages
from insights.db.connection import connect

BATCH_ROWS = 100_000


def copy_rows(url: str, table: str, rows: pa.Table) -> None:
    """Append rows to a table, in one transaction."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, rows.column_names))
    )
    options = pa.csv.WriteOptions(include_header=False, quoting_style="needed")
    with connect(url) as connection, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in rows.to_batches(max_chunksize=BATCH_ROWS):
            text = io.BytesIO()
            pa.csv.write_csv(batch, text, options)
            copy.write(text.getvalue())


def write(url: str, tables: Mapping[str, pa.Table], scratch: Path, stages: Stages, *, given: bool = True) -> None:
    """The computed tables in, and with `given` those that the peer does not compute, as the engine wrote them."""
    with stages.stage("load"):
        for table, rows in tables.items():
            copy_rows(url, table, rows)
        if given:
            write_given(url, set(tables), scratch)


def write_given(url: str, computed: set[str], scratch: Path) -> None:
    """Tables that a peer does not compute come from the engine's own rows by binary COPY, the cheapest way there is."""
    for file in sorted(scratch.glob("*.copy")):
        if file.stem not in computed:
            with connect(url) as connection:
                copy_in(connection, file.stem, file_of(scratch, file.stem))
