"""Load: make the stored analytics of a shard equal to what was computed, in the transaction that read the sets.

Rows that are no longer derived go, changed ones are updated, equal ones stay untouched, so that every load can be
repeated. Decimals are rounded here, once, by the column's type.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import adbc_driver_postgresql.dbapi as adbc
import dataframely as dy
import polars as pl

from insights import assets, frames
from insights.db import columns


@dataclass(frozen=True, slots=True)
class Derived:
    """What the science has computed for one shard."""

    volumes: dy.DataFrame[frames.Volumes]
    progressions: dy.DataFrame[frames.Progressions]
    data_points: dy.DataFrame[frames.DataPoints]


@dataclass(frozen=True, slots=True)
class Written:
    """Rows of one table that a load has touched."""

    added: int
    changed: int
    removed: int


def load(cursor: adbc.Cursor, derived: Derived) -> Mapping[str, Written]:
    """Write the shard whose users are in the temporary table `shard_users`. Returns what was touched, by table."""
    columns.stage(cursor, "staged_volumes", derived.volumes, ids=["id", "user_id"])
    columns.stage(cursor, "staged_progressions", derived.progressions, ids=["id", "user_id", "exercise_id"])
    columns.stage(cursor, "staged_data_points", derived.data_points, ids=["id", "user_id", "entity_id", "source_id"])
    written = {table: _write(cursor, table) for table in ("volume_analytics", "strength_progressions")}
    written["insight_data_points"] = _write(cursor, "insight_data_points")
    _run(cursor, "supersede_insight_data_points")
    _run(cursor, "mark_stale_insights")
    return written


def _write(cursor: adbc.Cursor, table: str) -> Written:
    removed = _run(cursor, f"clear_{table}")
    counts = columns.fetch(cursor, assets.text("sql", "queries", f"load_{table}.sql")).row(0, named=True)
    return Written(added=counts["added"], changed=counts["changed"], removed=max(removed, 0))


def _run(cursor: adbc.Cursor, query: str) -> int:
    cursor.execute(assets.text("sql", "queries", f"{query}.sql"))
    return int(cursor.rowcount)


def append(cursor: adbc.Cursor, query: str, rows: pl.DataFrame, *, ids: list[str]) -> None:
    """Run a query that reads its input from the temporary table `staged_rows`."""
    columns.stage(cursor, "staged_rows", rows, ids=ids)
    _run(cursor, query)
