"""Columns between PostgreSQL and Polars: Arrow through ADBC, at the speed of raw COPY.

Ids are 16-byte binaries in Polars. PostgreSQL's numeric arrives as text in an opaque extension type and is decoded
here. Outwards every column is sent as its table has it: decimals rounded here, once, by the column's scale.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import polars as pl
import pyarrow as pa
from adbc_driver_manager import Error as AdbcError

from insights import assets, rounding
from insights.db.connection import check_url, masked, reason_of
from insights.errors import Unreachable

SIGNALS_SEEN_EVERY_S = 0.1
JSONB_VERSION = "\x01"  # jsonb on the wire is this byte and the text
DIGITS = 19  # of a 64-bit integer
_thread = threading.local()  # stop: what ends the statements of this thread


def stop_on(stop: threading.Event | None) -> None:
    """From now on the statements of this thread end with KeyboardInterrupt once the event is set, if there is one."""
    _thread.stop = stop


def helper() -> ThreadPoolExecutor:
    """One thread, whose statements end when those of this thread do."""
    return ThreadPoolExecutor(1, initializer=stop_on, initargs=(getattr(_thread, "stop", None),))


class InterruptibleCursor(adbc.Cursor):  # type: ignore[misc]  # the driver has no types
    """A cursor whose statements run on a thread of their own, so that Ctrl-C reaches the thread that waits for them.

    On the main thread ADBC takes SIGINT for itself: an interrupted statement would look like any failed one, and an
    interrupt that comes as a statement ends would be lost.
    """

    def __init__(self, connection: adbc.Connection) -> None:
        super().__init__(connection)
        self._thread = ThreadPoolExecutor(max_workers=1)  # one for all statements: to start one costs two milliseconds

    def close(self) -> None:  # noqa: D102 - as in adbc.Cursor
        self._thread.shutdown()
        super().close()

    def execute(self, *arguments: Any, **options: Any) -> Any:  # noqa: D102 - as in adbc.Cursor
        return self._apart(super().execute, *arguments, **options)

    def fetch_arrow_table(self) -> pa.Table:  # noqa: D102 - as in adbc.Cursor
        return self._apart(super().fetch_arrow_table)

    def adbc_ingest(self, *arguments: Any, **options: Any) -> int:  # noqa: D102 - as in adbc.Cursor
        return int(self._apart(super().adbc_ingest, *arguments, **options))

    def _apart(self, call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        _look_up()
        future = self._thread.submit(call, *arguments, **options)
        try:
            # A signal that the system gives to another thread does not end a wait: look again.
            while not wait([future], timeout=SIGNALS_SEEN_EVERY_S).done:
                _look_up()
            return future.result()
        except KeyboardInterrupt:
            if not future.done():
                self.adbc_cancel()
                wait([future])  # a statement that ends is not yet one that has ended
            raise


def _look_up() -> None:
    stop = getattr(_thread, "stop", None)
    if stop is not None and stop.is_set():
        raise KeyboardInterrupt


_open: dict[str, list[adbc.Connection]] = {}
_opening = threading.Lock()


@contextmanager
def types_kept(url: str) -> Iterator[None]:
    """Meanwhile connections to this database share what one of them has learnt of its types: see `_shared`.

    Raises:
        Unreachable: the server does not answer or refuses the login.
    """
    with _shared(url, lambda _: adbc.connect(url, autocommit=True)):
        yield


@contextmanager
def _shared(url: str, opened: Callable[[list[adbc.Connection]], adbc.Connection]) -> Iterator[adbc.Connection]:
    """A connection, `opened` with those to the same database that are open already.

    The first asks for every type and column of the catalogue, which takes 50 ms of this process, and a clone does not.
    """
    with _opening:
        try:
            connection = opened(_open.get(url, []))
        except AdbcError as error:
            raise Unreachable(f"cannot connect to {masked(url)}: {reason_of(error)}") from error
        _open.setdefault(url, []).append(connection)
    try:
        yield connection
    finally:
        with _opening:
            _open[url].remove(connection)
            if not _open[url]:
                del _open[url]
            connection.close()


def _another(url: str) -> Callable[[list[adbc.Connection]], adbc.Connection]:
    return lambda others: others[0].adbc_clone() if others else adbc.connect(url)


@contextmanager
def transaction(url: str) -> Iterator[adbc.Cursor]:
    """A cursor in one REPEATABLE READ transaction in UTC: one snapshot for all reads; committed only at a clean end.

    Raises:
        BadSettings: the text is no PostgreSQL URL.
        Unreachable: the server does not answer or refuses the login.
    """
    check_url(url)
    with _shared(url, _another(url)) as connection:
        with InterruptibleCursor(connection) as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SET LOCAL timezone = 'UTC'")
            cursor.execute("SET LOCAL search_path = public, pg_temp")
            cursor.execute("SET LOCAL jit = off")  # a shard's statements are over before they were compiled
            # A shard is a small part of every table, to be read by key; other shards are under way at the same time.
            cursor.execute("SET LOCAL random_page_cost = 1.1")
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            yield cursor
        connection.commit()


def fetch(cursor: adbc.Cursor, query: str, parameters: Sequence[str] = ()) -> pl.DataFrame:
    """The rows of a query, numerics as Float64, ids as Binary. The parameters are the query's $1, $2 ..."""
    frame = pl.from_arrow(fetch_arrow(cursor, query, parameters))
    if not isinstance(frame, pl.DataFrame):  # pragma: no cover - a table always becomes a frame
        raise TypeError(type(frame))
    return frame.with_columns_seq(_decoded(name, dtype) for name, dtype in frame.schema.items())


def fetch_arrow(cursor: adbc.Cursor, query: str, parameters: Sequence[str] = ()) -> pa.Table:
    """The rows of a query as they come."""
    cursor.execute(query, list(parameters) or None)
    return cursor.fetch_arrow_table()


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
    table = frame.with_columns_seq(pl.col(texts).cast(pl.String)).to_arrow()
    for name in ids:
        index = table.schema.get_field_index(name)
        column = table.column(name).cast(pa.binary(16))
        chunks = [pa.ExtensionArray.from_storage(pa.uuid(), chunk) for chunk in column.chunks]
        table = table.set_column(index, name, pa.chunked_array(chunks, type=pa.uuid()))
    return table


def stage_users(cursor: adbc.Cursor, user_ids: Sequence[bytes]) -> None:
    """Make the temporary table `shard_users`, by which every statement of a shard finds its users."""
    stage(cursor, "shard_users", pl.DataFrame({"user_id": user_ids}, schema={"user_id": pl.Binary}), ids=["user_id"])
    # Of a table that it has not looked at, the server thinks that it has thousands of rows, and reads whole tables.
    cursor.execute("ANALYZE pg_temp.shard_users")


def stage_like(cursor: adbc.Cursor, table: str, target: str, frame: pl.DataFrame) -> None:
    """Make the temporary table `table` with the frame's rows, its columns of the types that they have in `target`."""
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    names = ", ".join(frame.columns)
    cursor.execute(f"CREATE TEMPORARY TABLE {table} AS SELECT {names} FROM {target} WITH NO DATA")  # noqa: S608 - ours
    append(cursor, table, frame, temporary=True)
    cursor.execute(f"ANALYZE pg_temp.{table} ({frame.columns[0]})")  # for the number of rows


def append(cursor: adbc.Cursor, table: str, frame: pl.DataFrame, *, temporary: bool = False) -> None:
    """Add the frame's rows to a table by binary COPY; columns that the frame lacks take their defaults.

    Each column is sent as the table has it: floats become numerics, rounded by their scale, texts become jsonb, and
    16-byte binaries uuid.

    Raises:
        OverflowError: a number for a numeric is not finite, or too large for 64 bits of the column's last digit.
    """
    if frame.is_empty():
        return
    types = _types(cursor, f"{'pg_temp' if temporary else 'public'}.{table}")
    texts = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Enum | pl.Categorical)]
    json = [name for name in frame.columns if types[name][0] == "jsonb"]
    plain = frame.with_columns_seq(
        pl.col(texts).cast(pl.String), *((pl.lit(JSONB_VERSION) + pl.col(name)).alias(name) for name in json)
    ).to_arrow()
    for place, name in enumerate(frame.columns):
        kind, scale = types[name]
        if kind == "numeric":
            plain = plain.set_column(place, name, _numerics(frame[name], scale))
    cursor.adbc_ingest(table, plain, mode="append", temporary=temporary)


def _types(cursor: adbc.Cursor, table: str) -> dict[str, tuple[str, int]]:
    """The columns of a table: the name of the type, and the scale where that is numeric."""
    rows = fetch(cursor, assets.text("sql", "queries", "column_types.sql"), [table])
    return {name: (kind, scale) for name, kind, scale in rows.select_seq("name", "type", "scale").iter_rows()}


def _numerics(series: pl.Series, scale: int) -> pa.Array:
    """The numbers as Arrow decimals of 128 bits: the units of 10^-scale with their sign carried into the high half."""
    halves = np.empty((len(series), 2), dtype="<i8")
    halves[:, 0] = rounding.units(series, scale)
    halves[:, 1] = halves[:, 0] >> 63
    there = pa.py_buffer(np.packbits(series.is_not_null().to_numpy(), bitorder="little").tobytes())
    return pa.Array.from_buffers(pa.decimal128(DIGITS, scale), len(series), [there, pa.py_buffer(halves.tobytes())])
