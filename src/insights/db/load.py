"""Load: make the stored analytics of a shard equal to what was computed, in the transaction that read the sets.

Users who have no row in a table get theirs by COPY straight into it. The others' rows are staged and compared: rows
that are no longer derived go, changed ones are updated, equal ones stay untouched, so that every load can be repeated.
A data point's id is a hash of all that it says, so points are compared here, by their ids, and only new ones are sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import adbc_driver_postgresql.dbapi as adbc
import dataframely as dy
import polars as pl

from insights import assets, frames
from insights.data_types import CATALOGUE
from insights.db import columns

_OF_LIFTS = [of.name for of in CATALOGUE.values() if of.about == "lift"]


@dataclass(frozen=True, slots=True)
class Derived:
    """What the science has computed for one shard."""

    volumes: dy.DataFrame[frames.Volumes]
    progressions: dy.DataFrame[frames.Progressions]
    data_points: dy.DataFrame[frames.DataPoints]


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows that a change can reach; where what is stored and no longer derived goes. All others stay.

    `lifts` (user_id, exercise_id, first_day; one row a lift) says from which day on strength_progressions are complete
    in what was derived, and `users` (user_id, first_day; one row a user) from which day's periods on volume_analytics.
    insight_data_points are complete of the users whose ids are in `due`, and else of what is about lifts.
    """

    lifts: pl.DataFrame
    users: pl.DataFrame
    due: pl.Series

    @classmethod
    def since(cls, changes: pl.DataFrame, due: pl.Series) -> "Scope":
        """The scope of changes (user_id, exercise_id or null for the user alone, day)."""
        days = changes.rename({"day": "first_day"})
        lifts = days.drop_nulls("exercise_id").group_by("user_id", "exercise_id").agg(pl.col("first_day").min())
        return cls(lifts, days.group_by("user_id").agg(pl.col("first_day").min()), due)


@dataclass(frozen=True, slots=True)
class Written:
    """Rows of one table that a load has touched."""

    added: int
    changed: int = 0
    removed: int = 0


def load(
    cursor: adbc.Cursor, derived: Derived, *, scope: Scope | None = None, periods: Sequence[str] = frames.PERIODS
) -> Mapping[str, Written]:
    """Write the shard whose users are in the temporary table `shard_users`. Returns what was touched, by table.

    Without a scope, everything of these users that is not in `derived` goes; with one, only rows inside it. Volumes of
    other periods than these stay.

    Raises:
        OverflowError: a number that no row can hold.
    """
    written = load_rows(cursor, derived.volumes, derived.progressions, scope=scope, periods=periods)
    return {**written, **load_points(cursor, derived.data_points, stored_points(cursor, scope))}


def load_rows(
    cursor: adbc.Cursor,
    volumes: dy.DataFrame[frames.Volumes],
    progressions: dy.DataFrame[frames.Progressions],
    *,
    scope: Scope | None = None,
    periods: Sequence[str] = frames.PERIODS,
) -> Mapping[str, Written]:
    """The part of `load` that writes volume_analytics and strength_progressions."""
    there = columns.fetch(cursor, _query("stored_users"))
    rows: dict[str, pl.DataFrame] = {
        "volume_analytics": volumes.filter(pl.col("period_type").cast(pl.String).is_in(periods)),
        "strength_progressions": progressions,
    }
    since = "" if scope is None else "_since"
    if scope is not None:
        columns.stage(cursor, "scope_lifts", scope.lifts, ids=["user_id", "exercise_id"])
        columns.stage(cursor, "scope_users", scope.users, ids=["user_id"])
        for table in ("scope_lifts", "scope_users"):
            cursor.execute(f"ANALYZE pg_temp.{table} (user_id)")
    clear: dict[str, tuple[str, ...]] = {
        "volume_analytics": (f"clear_volume_analytics{since}", ",".join(periods)),
        "strength_progressions": (f"clear_strength_progressions{since}",),
    }
    written = {table: _compare(cursor, table, frame, there, *clear[table]) for table, frame in rows.items()}
    # Last, for what is not staged would pass for no longer derived.
    for table, frame in rows.items():
        fresh = frame.filter(~_is_known(there, table)).sort("id")  # as the table's index has them
        columns.append(cursor, table, fresh)
        written[table] = replace(written[table], added=written[table].added + fresh.height)
    return written


def load_points(
    cursor: adbc.Cursor, points: dy.DataFrame[frames.DataPoints], stored: pl.DataFrame
) -> Mapping[str, Written]:
    """The part of `load` that makes the live data points those that were derived, given the `stored_points`.

    What goes and is cited by an insight is superseded.
    """
    new = points.join(stored, on="id", how="anti")
    gone = stored.join(points, on="id", how="anti")
    back = stored.filter(~pl.col("live")).join(points, on="id", how="semi")
    removed = _stage_points(cursor, "gone_points", gone, "clear_insight_data_points")
    revived = _stage_points(cursor, "revived_points", back, "revive_insight_data_points")
    columns.append(cursor, "insight_data_points", new.sort("id"))
    if removed < gone.height:
        cursor.execute(_query("supersede_insight_data_points"))
    if not stored.is_empty():
        cursor.execute(_query("mark_stale_insights"))
    return {"insight_data_points": Written(new.height, revived, removed)}


def stored_points(cursor: adbc.Cursor, scope: Scope | None) -> pl.DataFrame:
    """id and live of the data points in the scope."""
    if scope is None:
        return columns.fetch(cursor, _query("stored_data_points"))
    columns.stage(cursor, "scope_due", scope.due.to_frame("user_id"), ids=["user_id"])
    return columns.fetch(cursor, _query("stored_data_points_since"), [",".join(_OF_LIFTS)])


def _stage_points(cursor: adbc.Cursor, table: str, points: pl.DataFrame, query: str) -> int:
    """Run a query over points by their ids; how many rows it touched."""
    if points.is_empty():
        return 0
    columns.stage(cursor, table, points.select_seq("id").sort("id"), ids=["id"])
    cursor.execute(f"ANALYZE pg_temp.{table}")
    return int(columns.fetch(cursor, _query(query)).item())


def _compare(
    cursor: adbc.Cursor, table: str, rows: pl.DataFrame, there: pl.DataFrame, clear: str, *parameters: str
) -> Written:
    """Bring a table up to the rows of those users who have some there already."""
    if not there[table].any():
        return Written(0)
    columns.stage_like(cursor, f"staged_{table}", table, rows.filter(_is_known(there, table)))
    removed = columns.fetch(cursor, _query(clear), parameters).item()
    added, changed = columns.fetch(cursor, _query(f"load_{table}")).select_seq("added", "changed").row(0)
    return Written(added, changed, removed)


def _is_known(there: pl.DataFrame, table: str) -> pl.Expr:
    return pl.col("user_id").is_in(there.filter(table)["user_id"].implode())


def _query(name: str) -> str:
    return assets.text("sql", "queries", f"{name}.sql")
