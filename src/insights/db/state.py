"""What the engine remembers of its users: the tables of migration 07.07, whole columns at a time.

Only rows that differ are written, so that a user to whom nothing happened leaves no dead row behind.
"""

from collections.abc import Mapping

import adbc_driver_postgresql.dbapi as adbc
import polars as pl

from insights import assets, frames
from insights.db import columns, wire

# Rises whenever the same sets give other facts, or other points of closed periods: every state of another method is
# built anew.
METHOD = 1

_DAYS = ("horizon", "closed_through", "first_day")
_CONTEXT = {"sleep_hours": pl.Float64(), "sleep_quality": pl.Float64(), "stress_level": pl.Float64()}
_CONTEXT |= {"energy_level": pl.Float64()}
SCHEMAS: dict[str, dict[str, pl.DataType]] = {
    "states": {"user_id": pl.Binary(), "method": pl.Int32()} | dict.fromkeys(_DAYS, pl.Date()),
    "lift_days": dict(frames.LiftDays.create_empty().schema),
    "user_days": dict(frames.UserDays.create_empty().schema),
    "context_days": {"user_id": pl.Binary(), "day": pl.Date()} | _CONTEXT,
    "lift_bests": dict(frames.LiftBests.create_empty().schema),
}
KEYS = {
    "states": ["user_id"],
    "lift_days": ["user_id", "exercise_id", "day"],
    "user_days": ["user_id", "day"],
    "context_days": ["user_id", "day"],
    "lift_bests": ["user_id", "exercise_id", "with_body_weight"],
}
_IDS = ("user_id", "exercise_id")

State = Mapping[str, pl.DataFrame]  # the rows of each table of `SCHEMAS`


def read(cursor: adbc.Cursor) -> State:
    """What is remembered of the users in `shard_users`, each table sorted by its key."""
    return {table: _read(cursor, table) for table in SCHEMAS}


def _read(cursor: adbc.Cursor, table: str) -> pl.DataFrame:
    query = assets.text("sql", "queries", f"state_read_{table}.sql")
    if table == "states":  # a row a user: nothing to pack
        return columns.fetch(cursor, query).cast(SCHEMAS[table]).sort(KEYS[table])  # type: ignore[arg-type]
    return wire.frame(columns.fetch_arrow(cursor, query), SCHEMAS[table], owner="user_id")


def write(cursor: adbc.Cursor, before: State, after: State) -> int:
    """Make what is stored, `before`, equal to `after`; how many rows were added, changed or removed.

    Both hold the same users; a row of the one that the other lacks is removed or added.
    """
    return sum(_write(cursor, table, before[table], after[table]) for table in SCHEMAS)


def _write(cursor: adbc.Cursor, table: str, before: pl.DataFrame, after: pl.DataFrame) -> int:
    key = KEYS[table]
    gone, new = _unlike(before, after), _unlike(after, before)
    if not gone.is_empty():
        columns.stage(cursor, "forgotten_rows", gone.select_seq(key), ids=[name for name in key if name in _IDS])
        cursor.execute("ANALYZE pg_temp.forgotten_rows")
        cursor.execute(assets.text("sql", "queries", f"state_clear_{table}.sql"))
    columns.append(cursor, f"engine_{table}", new.select_seq(list(SCHEMAS[table])).sort(key))
    return max(gone.height, new.height)


def _unlike(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """The rows of which the others hold no equal."""
    if rows.is_empty() or others.is_empty():
        return rows
    names = rows.columns
    lists = [name for name, dtype in rows.schema.items() if dtype == pl.List]
    # lists are compared by their text, which gives every double back
    texts = [pl.col(name).cast(pl.List(pl.String)).list.join(" ").alias(name) for name in lists]
    rest = (
        rows.with_columns_seq(texts)
        .with_row_index("row")
        .join(others.with_columns_seq(texts), on=names, how="anti", nulls_equal=True)
    )
    return rows[rest["row"].sort()]
