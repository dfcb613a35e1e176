"""Packed columns: of many rows the server makes one, or one a user; each value of it is a whole column, packed.

A plain row costs more than what is in it: the server makes a message of each, and the driver reads each field by a call
of its own, a second of CPU for 200,000 rows of 24 columns. A packed column is read as it lies, in a tenth of that. A
query packs it by `string_agg(float8send(x), '')`, or as else its type is sent.

Null has a stand-in, which none of these columns can hold: the least integer of its size, the least double, the day or
moment 'infinity', the empty text. Ids, flags and arrays are never null.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from polars.datatypes import DataTypeClass

_NO_INTEGER = np.iinfo(np.int32).min
_NO_LONG = np.iinfo(np.int64).min
_NO_DOUBLE = np.finfo(np.float64).min
_NO_DAY = np.iinfo(np.int32).max

# PostgreSQL counts days and microseconds from 2000-01-01, Arrow from 1970-01-01.
_EPOCH_DAYS = 10_957
_EPOCH_US = 946_684_800_000_000
# A moment that no calendar here can hold ('infinity', before Christ) is as good as none.
_FIRST_MOMENT_US = -62_104_060_800_000_000  # 0002-01-01
_LAST_MOMENT_US = 253_370_678_400_000_000  # 9998-12-31

_ID_BYTES = 16

# Of an array, in words: see `_values_of`.
_WORD_BYTES = 4
_HEAD_WORDS, _DIMENSION_WORDS = 3, 2

Integers = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]
Values = npt.NDArray[Any]  # as they went over the wire


def frame(packed: pa.Table, schema: Mapping[str, pl.DataType], owner: str) -> pl.DataFrame:
    """The columns of a schema, all packed, arrays as `_lists` has them; but `owner` is not, and one for a whole row.

    The column `rows` says how many values a row has packed.

    Raises:
        ValueError: the values of an array column are not as many as its sizes say.
    """
    rows = packed.column("rows").to_numpy()
    series = {name: _any_column(packed, name, dtype) for name, dtype in schema.items() if name != owner}
    owners = pl.Series(packed.column(owner).cast(pa.binary())).gather(np.repeat(np.arange(len(rows)), rows))
    return pl.DataFrame({owner: owners} | series).select_seq(list(schema))


def column(packed: pa.Table, name: str, dtype: DataTypeClass) -> pl.Series:
    """A packed column of numbers, flags, days or moments (UTC)."""
    wire_type, read = _KINDS[dtype]
    return read(_packed(packed, name, wire_type))


def integers(packed: pa.Table, name: str) -> Integers:
    """A packed column of integers that has no nulls."""
    return _packed(packed, name, ">i4").astype(np.int32)


def ids(packed: pa.Table, name: str) -> pl.Series:
    """A packed column of ids, as binaries."""
    data = _data(packed, name)
    found = pa.FixedSizeBinaryArray.from_buffers(pa.binary(_ID_BYTES), len(data) // _ID_BYTES, [None, data])
    return pl.Series(found.cast(pa.binary()))


def clipped_moments(packed: pa.Table, name: str) -> pl.Series:
    """A packed column of moments that has no nulls; one beyond the calendar is its nearest end."""
    return _as_moments(_in_calendar(_packed(packed, name, ">i8").astype(np.int64)))


def _packed(packed: pa.Table, name: str, wire_type: npt.DTypeLike) -> Values:
    """The values of a column, as they went over the wire."""
    return np.frombuffer(_data(packed, name), dtype=wire_type)


def _data(packed: pa.Table, name: str) -> pa.Buffer:
    """What all rows hold of a column, one after the other: so Arrow keeps it. Of no values the server packs null."""
    held = packed.column(name).combine_chunks()
    _, ends, data = held.buffers()
    if data is None:
        return pa.py_buffer(b"")
    first, last = np.frombuffer(ends, dtype=np.int32)[[held.offset, held.offset + len(held)]]
    return data.slice(first, last - first)


def _any_column(packed: pa.Table, name: str, dtype: pl.DataType) -> pl.Series:
    if isinstance(dtype, pl.Binary):
        return ids(packed, name)
    if isinstance(dtype, pl.String):
        return _texts(packed, name)
    if isinstance(dtype, pl.List):
        return _lists(packed, name, dtype)
    return column(packed, name, dtype.base_type())


def _texts(packed: pa.Table, name: str) -> pl.Series:
    """Texts of one line, joined by line ends."""
    lines = pl.Series(packed.column(name), dtype=pl.String).str.split("\n").explode()
    return lines.set(lines == "", None)


def _lists(packed: pa.Table, name: str, dtype: pl.List) -> pl.Series:
    """Arrays as `array_send` has them, one after the other; their sizes are a column of their own.

    Arrays that lie side by side have one column of sizes, named by what their names have in common: that of reach_kg
    and reach_reps is reach_sizes.
    """
    wire_type, read = _KINDS[dtype.inner.base_type()]
    sizes = integers(packed, f"{name.rpartition('_')[0]}_sizes").astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    words = _packed(packed, name, ">u4")
    values = _values_of(words, sizes, offsets, np.dtype(wire_type))
    if values is None:
        raise ValueError(f"not arrays of as many values as their sizes say, or a value is null: {name}")
    return pl.Series(pa.LargeListArray.from_arrays(offsets, read(values).to_arrow()))


def _values_of(words: Values, sizes: Places, offsets: Places, wire_type: np.dtype[Any]) -> Values | None:
    """The values of all arrays; None where the words are none of such arrays.

    Before each value stands its length. Before an array stand the number of its dimensions, whether it has nulls and
    the type, and if it has a dimension, its size and its lower bound.
    """
    width = 1 + wire_type.itemsize // _WORD_BYTES
    filled = sizes > 0
    lengths = _HEAD_WORDS + filled * _DIMENSION_WORDS + sizes * width
    starts = np.cumsum(lengths) - lengths
    if len(words) != lengths.sum() or not np.array_equal(words[starts], filled):
        return None
    if not np.array_equal(words[starts[filled] + _HEAD_WORDS], sizes[filled]):
        return None
    before = starts - offsets[:-1] * width + _HEAD_WORDS + _DIMENSION_WORDS  # so that the values of all can be counted
    places = np.repeat(before, sizes) + np.arange(offsets[-1]) * width
    if not (words[places] == wire_type.itemsize).all():
        return None
    values = np.empty((len(places), width - 1), dtype=words.dtype)
    for word in range(1, width):
        values[:, word - 1] = words[places + word]
    return values.view(wire_type)[:, 0]


def _integers(values: Values) -> pl.Series:
    return _but(values.astype(np.int32), _NO_INTEGER)


def _longs(values: Values) -> pl.Series:
    return _but(values.astype(np.int64), _NO_LONG)


def _doubles(values: Values) -> pl.Series:
    return _but(values.astype(np.float64), _NO_DOUBLE)


def _days(values: Values) -> pl.Series:
    return (_but(values.astype(np.int32), _NO_DAY) + _EPOCH_DAYS).cast(pl.Date)


def _moments(values: Values) -> pl.Series:
    since_2000 = values.astype(np.int64)
    in_calendar = _in_calendar(since_2000)
    return _as_moments(in_calendar).set(pl.Series(since_2000 != in_calendar), None)


def _in_calendar(since_2000: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.clip(since_2000, _FIRST_MOMENT_US - _EPOCH_US, _LAST_MOMENT_US - _EPOCH_US)


def _as_moments(since_2000: npt.NDArray[np.int64]) -> pl.Series:
    return pl.Series(since_2000 + _EPOCH_US).cast(pl.Datetime("us", "UTC"))


def _but(values: npt.NDArray[np.generic], stand_in: float) -> pl.Series:
    """The values, null where they are the stand-in."""
    found = pl.Series(values)
    return found.set(found == stand_in, None)


# By type: how the wire has it, and how it is read.
_KINDS: dict[DataTypeClass, tuple[str, Callable[[Values], pl.Series]]] = {
    pl.Boolean: ("?", pl.Series),
    pl.Int32: (">i4", _integers),
    pl.Int64: (">i8", _longs),
    pl.Float64: (">f8", _doubles),
    pl.Date: (">i4", _days),
    pl.Datetime: (">i8", _moments),
}
