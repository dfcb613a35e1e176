"""Small numbers in place of 16-byte ids: what the science joins and groups by."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from insights.science.runs import Runs

Integers = npt.NDArray[np.int64]
Places = npt.NDArray[np.intp]

_FIRST_DAY = -719_162  # 0001-01-01, counted from 1970-01-01
_DAYS = 1 << 22  # more days than the calendar has: keeps the days of two lifts apart


def places(ids: pl.Series, known: pl.Series) -> pl.Series:
    """The place (UInt32) of each id in `known`, null where it is not there.

    Equal ids mostly follow one another in a log, so each run of them is looked up once.
    """
    run = ids.rle_id()
    heads = ids.filter((run != run.shift(1)).fill_null(value=True))
    table = pl.DataFrame({"id": known}).with_row_index("place")
    found = heads.to_frame("id").join(table, on="id", how="left", maintain_order="left")
    return found["place"].gather(run)


def numbered(frames: Sequence[pl.DataFrame], ids: list[str]) -> list[pl.Series]:
    """By frame, the place (Int64) of each row's ids among those of all frames, in the order of the ids.

    Rows with equal ids follow one another, so each run of them is looked up once.
    """
    runs = [Runs.of_rows(frame, *ids) for frame in frames]
    heads = [frame.select_seq(ids)[run.starts] for frame, run in zip(frames, runs, strict=True)]
    known = pl.concat(heads).unique().sort(ids).with_columns_seq(place=pl.int_range(pl.len(), dtype=pl.Int64))
    places = (head.join(known, on=ids, how="left", maintain_order="left")["place"] for head in heads)
    return [run.spread(place) for run, place in zip(runs, places, strict=True)]


def merged(
    rows: pl.DataFrame, at: Integers, others: pl.DataFrame, at_others: Integers, left: Places | None = None
) -> pl.DataFrame:
    """The rows (those at the places `left`, or all) and the others in one order; both are sorted by their `at`."""
    own = np.arange(rows.height) if left is None else left
    order = np.insert(own, np.searchsorted(at[own], at_others), rows.height + np.arange(others.height))
    return pl.concat([rows, others], rechunk=True)[order]  # from two chunks lists are gathered at many times the cost


def slot(key: pl.Expr, day: pl.Expr) -> pl.Expr:
    """One Int64 for a lift and a day, ascending by both. `key` is a number below 2^41."""
    return key.cast(pl.Int64) * _DAYS + (day.to_physical().cast(pl.Int64) - _FIRST_DAY)


def key_of(slot: pl.Expr) -> pl.Expr:
    """The key of a slot (Int64)."""
    return slot // _DAYS


def day_of(slot: pl.Expr) -> pl.Expr:
    """The day of a slot (Date)."""
    return (slot % _DAYS + _FIRST_DAY).cast(pl.Int32).cast(pl.Date)
