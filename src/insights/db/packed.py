"""Sets as the server packs them: one row, each value of it a whole column, one set after the other.

A row a set costs more than the sets do: the server makes a message of each row, and the driver reads each field by a
call of its own, half a second of CPU for 130,000 sets. A packed column is read as it lies, in a hundredth of that.
"""

from collections.abc import Sequence

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from insights import assets
from insights.db import columns
from insights.frames import ROM_QUALITIES, RPE_SCALES, SESSION_STATUSES, SET_TYPES

# What stands for null.
_NO_INTEGER = np.iinfo(np.int32).min
_NO_DOUBLE = np.finfo(np.float64).min

# PostgreSQL counts microseconds from 2000-01-01, Arrow from 1970-01-01.
_EPOCH_US = 946_684_800_000_000
# A moment that no calendar here can hold ('infinity', before Christ) is as good as none.
_FIRST_MOMENT_US = -62_104_060_800_000_000  # 0002-01-01
_LAST_MOMENT_US = 253_370_678_400_000_000  # 9998-12-31

# How the words of a set share one number, see packed_sets.sql: the lowest four bits, two, three and one.
_SET_TYPE, _RPE_SCALE, _ROM_QUALITY, _HAS_SOURCE = (0, 15), (4, 3), (6, 7), (9, 1)

Integers = npt.NDArray[np.int32]


def fetch_sets(cursor: adbc.Cursor, performances: str) -> pl.DataFrame:
    """The sets of the performances that a query of `sql/queries/` finds: `frames.Sets` but for weight_confirmed.

    Raises:
        ValueError: a word of the database's that `frames` does not know.
    """
    query = assets.text("sql", "queries", "packed_sets.sql")
    chosen = assets.text("sql", "queries", f"{performances}.sql")
    return unpacked(columns.fetch_arrow(cursor, query.replace("({performances})", f"(\n{chosen})")))


def unpacked(packed: pa.Table) -> pl.DataFrame:
    """The sets of the one row that packed_sets.sql gives."""
    words = _integers(packed, "words")
    # where a performance stands among the performances, by its place
    standing = np.zeros(len(_integers(packed, "p_place")) + 1, dtype=np.int64)
    standing[_integers(packed, "p_place")] = np.arange(len(standing) - 1)
    performance = standing[_integers(packed, "place")]
    of_performance = pl.DataFrame(
        {
            "user_id": _ids(packed, "p_user_id"),
            "exercise_id": _ids(packed, "p_exercise_id"),
            "session_id": _ids(packed, "p_session_id"),
            "session_status": _words(_integers(packed, "p_session_status"), SESSION_STATUSES),
            "session_start": _moments(packed, "p_session_start"),
            "session_end": _moments(packed, "p_session_end"),
        }
    )
    of_set = {
        "set_id": _ids(packed, "set_id"),
        "set_number": pl.Series(_integers(packed, "set_number")),
        "set_type": _words(_part(words, _SET_TYPE), SET_TYPES),
        "source_set_type": _sources(packed, words),
        "weight_kg": _doubles(packed, "weight_kg"),
        "reps_completed": _nullable(packed, "reps_completed"),
        "reps_attempted": _nullable(packed, "reps_attempted"),
        "rpe_value": _doubles(packed, "rpe_value"),
        "rpe_scale": _words(_part(words, _RPE_SCALE) - 1, RPE_SCALES, or_null=True),
        "rom_quality": _words(_part(words, _ROM_QUALITY) - 1, ROM_QUALITIES, or_null=True),
        "assisted_reps": _nullable(packed, "assisted_reps"),
        "duration_s": _nullable(packed, "duration_s"),
        "start_time": _moments(packed, "start_time"),
        "end_time": _moments(packed, "end_time"),
        # never null: a moment beyond the calendar is its nearest end
        "created_at": _moments(packed, "created_at", clipped=True),
    }
    gathered = of_performance.select(pl.all().gather(pl.lit(pl.Series(performance))))
    return gathered.with_columns(series.alias(name) for name, series in of_set.items())


def _packed(packed: pa.Table, name: str, dtype: str) -> npt.NDArray[np.generic]:
    """The values of a column, as they went over the wire. Of no rows at all the server has packed nothing."""
    buffer = packed.column(name)[0].as_buffer()
    return np.frombuffer(buffer if buffer is not None else b"", dtype=dtype)


def _integers(packed: pa.Table, name: str) -> Integers:
    return _packed(packed, name, ">i4").astype(np.int32)


def _nullable(packed: pa.Table, name: str) -> pl.Series:
    values = pl.Series(_integers(packed, name))
    return values.set(values == _NO_INTEGER, None)


def _doubles(packed: pa.Table, name: str) -> pl.Series:
    values = pl.Series(_packed(packed, name, ">f8").astype(np.float64))
    return values.set(values == _NO_DOUBLE, None)


def _moments(packed: pa.Table, name: str, *, clipped: bool = False) -> pl.Series:
    first, last = _FIRST_MOMENT_US - _EPOCH_US, _LAST_MOMENT_US - _EPOCH_US
    since_2000 = _packed(packed, name, ">i8").astype(np.int64)
    in_calendar = np.clip(since_2000, first, last)
    moments = pl.Series(in_calendar + _EPOCH_US)
    if not clipped:
        moments = moments.set(pl.Series(since_2000 != in_calendar), None)
    return moments.cast(pl.Datetime("us", "UTC"))


def _ids(packed: pa.Table, name: str) -> pl.Series:
    buffer = packed.column(name)[0].as_buffer()
    size = len(buffer) // 16 if buffer is not None else 0
    ids = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), size, [None, buffer or pa.py_buffer(b"")])
    return pl.Series(ids.cast(pa.binary()))


def _part(words: Integers, place: tuple[int, int]) -> Integers:
    shift, mask = place
    return (words >> shift) & mask


def _words(codes: Integers, known: Sequence[str], *, or_null: bool = False) -> pl.Series:
    """The words at these places in `known`; with `or_null`, -1 is null."""
    lowest = -1 if or_null else 0
    if len(codes) and not (lowest <= codes.min() and codes.max() < len(known)):
        raise ValueError(f"the database has a word that is none of {', '.join(known)}")
    places = pl.Series(codes)
    return places.set(places < 0, None).cast(pl.UInt8).cat.to(pl.Enum(known))


def _sources(packed: pa.Table, words: Integers) -> pl.Series:
    """The logs' own words, of the sets that have one."""
    there = _part(words, _HAS_SOURCE) == 1
    found = packed.column("source_set_types")[0].values
    places = np.where(there, np.cumsum(there) - 1, 0)
    texts = pl.Series(found, dtype=pl.String) if found is not None else pl.Series([None], dtype=pl.String)
    return texts.gather(places).set(pl.Series(~there), None)
