"""How a data point is made: values of a wide frame become rows of insight_data_points with immutable ids.

Two decisions hold for all of them. A point rests on its window alone: `measurement_date` is the record's day, else the
window's last day, and never the day of the run, so a night that finds nothing new makes the same ids. And the value is
rounded before the id is made, so that id and stored value agree.
"""

from collections.abc import Iterable, Mapping

import dataframely as dy
import polars as pl

from insights import ids
from insights.data_types import CATALOGUE
from insights.frames import DataPoints
from insights.science import rounding
from insights.science.periods import Window

VALUE_SCALE, CONFIDENCE_SCALE = 4, 2
BEYOND = 1e12  # what the column cannot hold is no fact: a product of impossible weights must not end a night
CERTAIN = 1.0  # a count, a target or a rule needs no estimate

_COLUMNS = {
    "user_id": pl.Binary, "data_type": pl.String, "measurement_date": pl.Date, "entity_id": pl.Binary,
    "entity": pl.String, "window_start": pl.Date, "window_end": pl.Date, "numeric_value": pl.Float64,
    "text_value": pl.String, "n": pl.Int32, "source_id": pl.Binary, "confidence_score": pl.Float64,
    "calculation_method": pl.String,
}  # fmt: skip


def points(
    frame: pl.DataFrame,
    method: str | pl.Expr,
    *,
    numbers: Mapping[str, pl.Expr] | None = None,
    texts: Mapping[str, pl.Expr] | None = None,
) -> pl.DataFrame:
    """One row for each row of `frame` and data type whose value is not null (or beyond what can be stored).

    `frame` has user_id, window_start, window_end, n and confidence_score, and where they apply measurement_date,
    entity_id, entity and source_id. `method` is the rule's name, or an expression on `frame` that gives it. `numbers`
    and `texts` map data types to expressions on `frame`.
    """
    empty = pl.lit(None)
    defaults = {"measurement_date": pl.col("window_end"), "entity_id": empty, "entity": empty, "source_id": empty}
    missing = {name: value for name, value in defaults.items() if name not in frame.columns}
    base = frame.with_columns(calculation_method=method if isinstance(method, pl.Expr) else pl.lit(method), **missing)
    kinds = [(name, value, empty) for name, value in (numbers or {}).items()]
    kinds += [(name, empty, value) for name, value in (texts or {}).items()]
    rows = [
        base.with_columns(data_type=pl.lit(name), numeric_value=number, text_value=text).select(
            pl.col(column).cast(dtype) for column, dtype in _COLUMNS.items()
        )
        for name, number, text in kinds
    ]
    storable = pl.col("numeric_value").abs() < BEYOND
    return pl.concat(rows).filter(storable | pl.col("text_value").is_not_null())


def within(frame: pl.DataFrame, window: Window) -> pl.DataFrame:
    """The frame with window_start and window_end."""
    return frame.with_columns(window_start=pl.lit(window.start), window_end=pl.lit(window.end))


def finished(rows: Iterable[pl.DataFrame]) -> dy.DataFrame[DataPoints]:
    """All points with rounded values, units, sources and ids, in a fixed order."""
    value, confidence = pl.col("numeric_value"), pl.col("confidence_score")
    table = pl.concat(rows).with_columns(
        numeric_value=rounding.stored(value, VALUE_SCALE),
        confidence_score=rounding.stored(confidence, CONFIDENCE_SCALE),
        unit=_catalogued("unit"),
        source_table=_catalogued("source_table"),
    )
    key = [
        ids.text_words("data_type"),
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
    return DataPoints.validate(table.sort(order).select(DataPoints.column_names()))


def _catalogued(attribute: str) -> pl.Expr:
    values = {name: str(getattr(kind, attribute)) for name, kind in CATALOGUE.items()}
    return pl.col("data_type").replace_strict(values, return_dtype=pl.String)


def _scaled_word(value: pl.Expr, scale: int) -> pl.Expr:
    return ids.integer_word((value * 10**scale).round().cast(pl.Int64))
