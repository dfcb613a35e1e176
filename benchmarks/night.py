"""The night: what one more day of training costs, on five years of history and on one, and its own floor.

The floor of a night is what it cannot do without, over one connection that it opens itself: the joined sets of the new
day, the stored state of its users and the ids of their data points out to nowhere, by raw COPY; as many rows taken away
as the night took; the rows that it wrote in; and as many transactions that write as the night had.

Both find the same server: what is to be read has been read once before the night, uncounted, and each begins behind a
checkpoint, after which the first change of a page writes the whole page to the log.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.contestant import measure
from benchmarks.peers.floor import JOINED_SETS
from benchmarks.results import ANALYTICS, copy_in, copy_out, newest_transaction, written_since
from benchmarks.stages import Stages
from benchmarks.store import Made, add_day
from insights.db.connection import connect

ENVIRONMENT = {"POLARS_MAX_THREADS": "1"}  # of jobs/deploy/insights.env


@dataclass(slots=True)
class Nights:
    """Nights in a row over one history; seconds of each."""

    history_days: int | None  # None: all of it
    sets_a_night: int = 0
    seconds: list[float] = field(default_factory=list)
    stolen_s: list[float] = field(default_factory=list)  # of each, see `stages.stolen_s`
    floor_seconds: list[float] = field(default_factory=list)
    floor_stages: dict[str, float] = field(default_factory=dict)  # of the last
    rows_written: dict[str, int] = field(default_factory=dict)  # of the last
    transactions: int = 0  # that wrote, of the last
    peak_rss_mb: float = 0.0

    @property
    def median_s(self) -> float:
        """The middle one of the nights."""
        return median(self.seconds)

    @property
    def median_floor_s(self) -> float:
        """The middle one of their floors."""
        return median(self.floor_seconds)


def one_night(url: str, made: Made, number: int, tables: Sequence[str], scratch: Path, into: Nights) -> None:
    """Add the day, run the engine's night, and then its floor."""
    day, into.sets_a_night = add_day(url, made, number)
    with connect(url) as connection:
        _read(connection, day, tables)
    _quiet(url)
    began = newest_transaction(url)
    night = measure("engine_night", url, day, scratch, **ENVIRONMENT)
    transactions = newest_transaction(url) - began - 1
    into.seconds.append(night.seconds)
    into.stolen_s.append(night.stolen_s)
    into.peak_rss_mb = max(into.peak_rss_mb, night.peak_rss_mb)
    removed = {table: int(counts.get("removed", 0)) for table, counts in night.told.get("written", {}).items()}
    stages = _floor(url, day, tables, began, removed, into.rows_written, scratch, transactions)
    into.transactions = transactions
    into.floor_stages = stages.seconds
    into.floor_seconds.append(stages.total)


def _quiet(url: str) -> None:
    with connect(url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")


def _floor(
    url: str,
    day: date,
    tables: Sequence[str],
    began: int,
    removed: Mapping[str, int],
    rows: dict[str, int],
    scratch: Path,
    transactions: int,
) -> Stages:
    """Everything once more, and nothing of it changes what is stored."""
    stages = Stages()
    rows.clear()
    files = scratch / "night"
    files.mkdir(exist_ok=True)
    written = [table for table in tables if _save_written(url, table, began, files / table, rows)]
    _quiet(url)
    with ExitStack() as stack:
        with stages.stage("extract"):
            connection = stack.enter_context(connect(url))
            _read(connection, day, tables)
        for table in written:
            _again(connection, table, files / table, min(removed.get(table, 0), rows[table]), began, stages)
        with stages.stage("load"):
            connection.commit()
            for _ in range(transactions - 1):
                connection.execute("SELECT pg_current_xact_id()")
                connection.commit()
    return stages


def _read(connection: psycopg.Connection[Any], day: date, tables: Sequence[str]) -> None:
    """Read the sets of the day, the ids of the live data points, and the state."""
    copy_out(connection, _sets_of(day), None)
    copy_out(connection, sql.SQL("SELECT id FROM insight_data_points WHERE superseded_at IS NULL"), None)
    for table in tables:
        if table not in ANALYTICS:
            copy_out(connection, sql.SQL("TABLE {}").format(sql.Identifier(table)), None)


def _save_written(url: str, table: str, began: int, file: Path, rows: dict[str, int]) -> bool:
    with connect(url) as connection:
        query = written_since(table, began)
        found = connection.execute(sql.SQL("SELECT count(*) FROM ({}) AS written").format(query)).fetchone()
        rows[table] = int(found[0]) if found else 0
        with file.open("wb") as out:
            copy_out(connection, query, out)
    return rows[table] > 0


def _sets_of(day: date) -> sql.Composed:
    """The sets of sessions near a day: users' own days begin and end at other hours."""
    span = sql.SQL("WHERE ws.start_time >= {} AND ws.start_time < {}").format(
        sql.Literal(day - timedelta(days=1)), sql.Literal(day + timedelta(days=2))
    )
    return sql.SQL("{} {}").format(sql.SQL(JOINED_SETS), span)


def _again(
    connection: psycopg.Connection[Any], table: str, file: Path, removed: int, began: int, stages: Stages
) -> None:
    """Take away the rows that the night wrote, timing as many as it took away itself, and copy them in again."""
    name = sql.Identifier(table)
    connection.execute(sql.SQL("CREATE TEMPORARY TABLE gone ON COMMIT DROP AS {}").format(
        sql.SQL("SELECT ctid AS place FROM {} WHERE xmin::text::bigint >= {}").format(name, began)
    ))  # fmt: skip
    delete = sql.SQL("DELETE FROM {} WHERE ctid = ANY (ARRAY(SELECT place FROM gone {}))")
    with stages.stage("remove"):
        connection.execute(delete.format(name, sql.SQL("LIMIT {}").format(removed)))
    connection.execute(delete.format(name, sql.SQL("OFFSET {}").format(removed)))
    connection.execute("DROP TABLE gone")
    with stages.stage("load"):
        copy_in(connection, table, file)
