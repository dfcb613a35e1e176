"""Recomputation: the rows that should be stored, as tables of an in-memory DuckDB.

Nothing here knows a formula. Each step is a file of `sql/audit/`: it fills the table of its name from the inputs and
the steps before it.
"""

from collections.abc import Mapping
from datetime import date

import duckdb
import polars as pl

from insights import assets, ids
from insights.audit.values import json_value
from insights.data_types import CATALOGUE
from insights.db.extract import Extract

# Nothing is downloaded and no file is read: time zones and JSON are part of DuckDB itself.
CONFIGURATION: Mapping[str, str] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
}
MACROS = (
    "digits", "units", "of_units", "middle", "erf",
    "high_word", "low_word", "whole_word", "day_word", "text_word", "half_mixed", "hashed", "row_id",
    "turned", "scattered",
)  # fmt: skip
STEPS = (
    "calendars",
    "described_sets", "typos", "judged_sets", "counted_sets",
    "track_days", "jumps", "reps_records", "lift_days", "known_1rms",
    "session_work", "lift_work", "periods", "muscle_credits", "pattern_shares",
    "muscle_work", "movement_work", "unattributed_work", "timed_work", "period_sums",
    "trusted_sets", "windows", "points_periods", "points_usual", "points_consistency", "points_balance",
    "points_levels", "points_records", "trend_values", "trend_windows", "trends", "points_trends",
    "points_deload", "points_load",
    "context_levels", "correlation_pairs", "correlation_starts", "correlations", "points_correlations",
    "volume_analytics", "strength_progressions", "insight_data_points",
)  # fmt: skip


def recompute(data: Extract, days: Mapping[bytes, date]) -> duckdb.DuckDBPyConnection:
    """A DuckDB with every table of `STEPS` for the users of `data` that `days` (user id -> as_of) names.

    Its tables volume_analytics, strength_progressions and insight_data_points have the columns of the stored ones but
    created_at, with the stored types; JSON is text in the form of `values.json_value`. Close it to free the memory.
    """
    connection = duckdb.connect(":memory:", config=dict(CONFIGURATION))
    connection.execute("SET TimeZone = 'UTC'")
    connection.create_function("word", ids.word, ["VARCHAR"], "UBIGINT")
    connection.create_function("json_value", json_value, ["VARCHAR"], "VARCHAR")
    for name in MACROS:
        connection.execute(assets.text("sql", "audit", "macros", f"{name}.sql"))
    for name, frame in _inputs(data, days).items():
        add_table(connection, name, frame)
    for name in STEPS:
        connection.execute(f"CREATE TABLE {name} AS\n{assets.text('sql', 'audit', f'{name}.sql')}")
    return connection


def add_table(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Copy a frame into a table; 16-byte binaries become UUIDs."""
    as_uuid = [f"CAST({column} AS UUID) AS {column}" for column, dtype in frame.schema.items() if dtype == pl.Binary]
    rows = connection.from_arrow(frame.to_arrow())
    (rows.project(f"* REPLACE ({', '.join(as_uuid)})") if as_uuid else rows).create(name)


def _inputs(data: Extract, days: Mapping[bytes, date]) -> dict[str, pl.DataFrame]:
    as_of = pl.DataFrame(
        {"user_id": list(days), "as_of": list(days.values())}, schema={"user_id": pl.Binary, "as_of": pl.Date}
    )
    catalogue = [(kind.name, kind.unit, kind.source_table) for kind in CATALOGUE.values()]
    return {
        "lifters": data.users.join(as_of, on="user_id"),
        "extracted_sets": data.sets,
        "extracted_body_weights": data.body_weights,
        "extracted_exercises": data.exercises,
        "extracted_muscles": data.muscles,
        "extracted_movements": data.movements,
        "extracted_contexts": data.contexts,
        "data_types": pl.DataFrame(catalogue, schema=["data_type", "unit", "source_table"], orient="row"),
    }
