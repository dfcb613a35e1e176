"""Columns between PostgreSQL and Polars: Arrow through ADBC, at the speed of raw COPY.

Ids travel as Arrow's uuid type and are 16-byte binaries in Polars. PostgreSQL's numeric arrives as text in an opaque
extension type and is decoded here, which costs less than a cast on the server.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import polars as pl
import pyarrow as pa
from adbc_driver_manager import Error as AdbcError

from insights.db.connection import check_url, masked, reason_of
from insights.errors import Unreachable

SIGNALS_SEEN_EVERY_S = 0.1


class InterruptibleCursor(adbc.Cursor):  # type: ignore[misc]  # the driver has no types
    """A cursor whose statements run on a thread of their own, so that Ctrl-C reaches the thread that waits for them.

    On the main thread ADBC takes SIGINT for itself: an interrupted statement would look like any failed one, and an
    interrupt that comes as a statement ends would be lost.
    """

    def execute(self, *arguments: Any, **options: Any) -> Any:  # noqa: D102 - as in adbc.Cursor
        return self._apart(super().execute, *arguments, **options)

    def fetch_arrow_table(self) -> pa.Table:  # noqa: D102 - as in adbc.Cursor
        return self._apart(super().fetch_arrow_table)

    def adbc_ingest(self, *arguments: Any, **options: Any) -> int:  # noqa: D102 - as in adbc.Cursor
        return int(self._apart(super().adbc_ingest, *arguments, **options))

    def _apart(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        with ThreadPoolExecutor(max_workers=1) as thread:
            future = thread.submit(call, *arguments, **options)
            try:
                # A signal that the system gives to another thread does not end a wait: look again.
                while not wait([future], timeout=SIGNALS_SEEN_EVERY_S).done:
                    pass
                return future.result()
            except KeyboardInterrupt:
                if not future.done():
                    self.adbc_cancel()
                raise


@contextmanager
def transaction(url: str) -> Iterator[adbc.Cursor]:
    """A cursor in one REPEATABLE READ transaction in UTC: one snapshot for all reads; committed only at a clean end.

    Raises:
        BadSettings: the text is no PostgreSQL URL.
        Unreachable: the server does not answer or refuses the login.
    """
    check_url(url)
    try:
        connection = adbc.connect(url)
    except AdbcError as error:
        raise Unreachable(f"cannot connect to {masked(url)}: {reason_of(error)}") from error
    try:
        with InterruptibleCursor(connection) as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SET LOCAL timezone = 'UTC'")
            cursor.execute("SET LOCAL search_path = public, pg_temp")
            yield cursor
        connection.commit()
    finally:
        connection.close()


def fetch(cursor: adbc.Cursor, query: str) -> pl.DataFrame:
    """The rows of a query, numerics as Float64, ids as Binary."""
    cursor.execute(query)
    frame = pl.from_arrow(cursor.fetch_arrow_table())
    if not isinstance(frame, pl.DataFrame):  # pragma: no cover - a table always becomes a frame
        raise TypeError(type(frame))
    return frame.with_columns(_decoded(name, dtype) for name, dtype in frame.schema.items())


def _decoded(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.BaseExtension):
        storage = column.ext.storage()
        return storage.cast(pl.Float64) if "numeric" in str(dtype.ext_metadata()) else storage
    return column


def stage(cursor: adbc.Cursor, table: str, frame: pl.DataFrame, *, ids: Sequence[str]) -> None:
    """Make the temporary table `table` with the frame's rows; the columns `ids` become uuid."""
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    cursor.adbc_ingest(table, _arrow(frame, ids), mode="create", temporary=True)


def _arrow(frame: pl.DataFrame, ids: Sequence[str]) -> pa.Table:
    texts = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Enum | pl.Categorical)]
    table = frame.with_columns(pl.col(texts).cast(pl.String)).to_arrow()
    for name in ids:
        index = table.schema.get_field_index(name)
        column = table.column(name).cast(pa.binary(16))
        chunks = [pa.ExtensionArray.from_storage(pa.uuid(), chunk) for chunk in column.chunks]
        table = table.set_column(index, name, pa.chunked_array(chunks, type=pa.uuid()))
    return table
