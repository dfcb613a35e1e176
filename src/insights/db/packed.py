"""Sets as the server packs them: one row, each value of it a whole column, one set after the other. See `wire`."""

from collections.abc import Sequence

import adbc_driver_postgresql.dbapi as adbc
import numpy as np
import polars as pl
import pyarrow as pa

from insights import assets
from insights.db import columns, wire
from insights.db.wire import Integers
from insights.frames import ROM_QUALITIES, RPE_SCALES, SESSION_STATUSES, SET_TYPES

# How the words of a set share one number, see packed_sets.sql: the lowest four bits, two, three and one.
_SET_TYPE, _RPE_SCALE, _ROM_QUALITY, _HAS_SOURCE = (0, 15), (4, 3), (6, 7), (9, 1)


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
    words = wire.integers(packed, "words")
    # where a performance stands among the performances, by its place
    places = wire.integers(packed, "p_place")
    standing = np.zeros(len(places) + 1, dtype=np.int64)
    standing[places] = np.arange(len(places))
    performance = standing[wire.integers(packed, "place")]
    of_performance = pl.DataFrame(
        {
            "user_id": wire.ids(packed, "p_user_id"),
            "exercise_id": wire.ids(packed, "p_exercise_id"),
            "session_id": wire.ids(packed, "p_session_id"),
            "session_status": _words(wire.integers(packed, "p_session_status"), SESSION_STATUSES),
            "session_start": wire.column(packed, "p_session_start", pl.Datetime),
            "session_end": wire.column(packed, "p_session_end", pl.Datetime),
        }
    )
    of_set = {
        "set_id": wire.ids(packed, "set_id"),
        "set_number": pl.Series(wire.integers(packed, "set_number")),
        "set_type": _words(_part(words, _SET_TYPE), SET_TYPES),
        "source_set_type": _sources(packed, words),
        "weight_kg": wire.column(packed, "weight_kg", pl.Float64),
        "reps_completed": wire.column(packed, "reps_completed", pl.Int32),
        "reps_attempted": wire.column(packed, "reps_attempted", pl.Int32),
        "rpe_value": wire.column(packed, "rpe_value", pl.Float64),
        "rpe_scale": _words(_part(words, _RPE_SCALE) - 1, RPE_SCALES, or_null=True),
        "rom_quality": _words(_part(words, _ROM_QUALITY) - 1, ROM_QUALITIES, or_null=True),
        "assisted_reps": wire.column(packed, "assisted_reps", pl.Int32),
        "duration_s": wire.column(packed, "duration_s", pl.Int32),
        "start_time": wire.column(packed, "start_time", pl.Datetime),
        "end_time": wire.column(packed, "end_time", pl.Datetime),
        # never null: a moment beyond the calendar is its nearest end
        "created_at": wire.clipped_moments(packed, "created_at"),
    }
    gathered = of_performance.select(pl.all().gather(pl.lit(pl.Series(performance))))
    return gathered.with_columns(series.alias(name) for name, series in of_set.items())


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
