"""How a data point is made: values of a wide frame become rows of insight_data_points with immutable ids.

Two decisions hold for all of them. A point rests on its window alone: `measurement_date` is the record's day, else the
window's last day, and never the day of the run, so a night that finds nothing new makes the same ids. And the value is
rounded before the id is made, so that id and stored value agree.
"""

from collections.abc import Iterable, Mapping

import dataframely as dy
import numpy as np
import polars as pl

from insights import ids
from insights.data_types import CATALOGUE
from insights.frames import DataPoints, validated
from insights.science import rounding
from insights.science.periods import Window

VALUE_SCALE, CONFIDENCE_SCALE = 4, 2
BEYOND = 1e12  # what the column cannot hold is no fact: a product of impossible weights must not end a night
CERTAIN = 1.0  # a count, a target or a rule needs no estimate

Column = str | pl.Expr

_SHARED = {
    "user_id": pl.Binary, "measurement_date": pl.Date, "entity_id": pl.Binary, "entity": pl.String,
    "window_start": pl.Date, "window_end": pl.Date, "n": pl.Int32, "source_id": pl.Binary,
    "confidence_score": pl.Float64, "calculation_method": pl.String,
}  # fmt: skip


def _typed(value: Column, dtype: type[pl.DataType], name: str) -> pl.Expr:
    return (pl.col(value) if isinstance(value, str) else value).cast(dtype).alias(name)


# made once: for a few rows, an expression costs more to write than to work out
_AS_IN_THE_FRAME = {name: _typed(name, dtype, name) for name, dtype in _SHARED.items()} | {
    name: pl.lit(None, dtype=_SHARED[name]).alias(name) for name in ("entity_id", "entity", "source_id")
}


def points(
    frame: pl.DataFrame,
    method: Column,
    *,
    numbers: Mapping[str, Column] | None = None,
    texts: Mapping[str, Column] | None = None,
    window: Window | None = None,
    **columns: Column,
) -> pl.DataFrame:
    """What the points of each row of `frame` share, and a column for each data type, in which null is no point.

    `method` is the rule's name, or an expression on `frame` that gives it. `numbers` and `texts` map data types to
    columns of `frame` or expressions on it. `window` is that of all rows. `columns` says where the rest comes from: by
    default, user_id, n, confidence_score and, without `window`, window_start and window_end are columns of `frame`,
    measurement_date is window_end, and there is no entity_id, no entity and no source_id.
    """
    given = dict(columns)
    if window:
        given |= {"window_start": pl.lit(window.start), "window_end": pl.lit(window.end)}
    given.setdefault("measurement_date", given.get("window_end", "window_end"))
    given["calculation_method"] = pl.lit(method) if isinstance(method, str) else method
    shared = _AS_IN_THE_FRAME | {name: _typed(value, _SHARED[name], name) for name, value in given.items()}
    values = [_typed(value, pl.Float64, name) for name, value in (numbers or {}).items()]
    values += [_typed(value, pl.String, name) for name, value in (texts or {}).items()]
    return frame.select_seq(*shared.values(), *values)


def finished(wide: Iterable[pl.DataFrame]) -> dy.DataFrame[DataPoints]:
    """All that `points` has given, a row a value, with rounded values, units, sources and ids, in a fixed order."""
    value, confidence = pl.col("numeric_value"), pl.col("confidence_score")
    table = _long(pl.concat(wide, how="diagonal")).with_columns_seq(
        numeric_value=rounding.stored(value, VALUE_SCALE),
        confidence_score=rounding.stored(confidence, CONFIDENCE_SCALE),
    )
    key = [
        pl.col("data_type_word"),
        *ids.uuid_words("entity_id"),
        ids.text_words("entity"),
        ids.day_word("window_start"),
        ids.day_word("window_end"),
        _scaled_word(value, VALUE_SCALE),
        ids.text_words("text_value"),
        ids.integer_word("n"),
        _scaled_word(confidence, CONFIDENCE_SCALE),
        ids.text_words("calculation_method"),
    ]
    table = ids.with_ids(table, "insight_data_points", user="user_id", day="measurement_date", key=key)
    order = ["user_id", "data_type", "entity_id", "entity", "window_start"]
    return validated(DataPoints, table.sort(order).select_seq(DataPoints.column_names()))


def _long(wide: pl.DataFrame) -> pl.DataFrame:
    """One row for each value that can be stored, with what its data type tells: unit, source and word."""
    kinds = {name: dtype for name, dtype in wide.schema.items() if name not in _SHARED}
    texts = [name for name, dtype in kinds.items() if dtype == pl.String]
    numbers = {name: wide[name].to_numpy() for name in kinds if name not in texts}  # null is NaN, which is not less
    places = {name: np.flatnonzero(np.abs(values) < BEYOND) for name, values in numbers.items()}
    found = np.concatenate([np.empty(0), *(values[places[name]] for name, values in numbers.items())])
    places |= {name: np.flatnonzero(wide[name].is_not_null().to_numpy()) for name in texts}
    types = [CATALOGUE[name] for name in places]
    kind = np.repeat(np.arange(len(types)), [len(place) for place in places.values()])
    rows = wide.select_seq(list(_SHARED))[np.concatenate(list(places.values()))]
    return rows.with_columns_seq(
        data_type=pl.Series([of.name for of in types])[kind],
        data_type_word=pl.Series([ids.word(of.name) for of in types], dtype=pl.UInt64)[kind],
        unit=pl.Series([of.unit for of in types])[kind],
        source_table=pl.Series([of.source_table for of in types])[kind],
        numeric_value=pl.concat([pl.Series(found), _nothing(pl.Float64, len(kind) - len(found))]),
        text_value=pl.concat([_nothing(pl.String, len(found)), *(wide[name][places[name]] for name in texts)]),
    )


def _nothing(dtype: type[pl.DataType], count: int) -> pl.Series:
    return pl.Series([None], dtype=dtype).new_from_index(0, count)


def _scaled_word(value: pl.Expr, scale: int) -> pl.Expr:
    return ids.integer_word((value * 10**scale).round().cast(pl.Int64))
