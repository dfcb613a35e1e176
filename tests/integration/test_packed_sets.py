from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import polars as pl
import psycopg
import pytest
from psycopg import sql

from insights.db import columns, packed
from insights.frames import ROM_QUALITIES, RPE_SCALES, SESSION_STATUSES, SET_TYPES, Sets
from insights.simulate.store import Cohort

COHORT = Cohort(lifters=2, weeks=6, seed=5, until=date(2025, 6, 1), ugliness=0.5)
# the same sets, a row each, and every column in the words of the database
PLAIN = """
SELECT ws.user_id, wbe.exercise_id, ws.id AS session_id, se.id AS set_id, ws.status::text AS session_status,
       CASE WHEN ws.start_time BETWEEN '0002-01-01' AND '9998-12-31' THEN ws.start_time END AS session_start,
       CASE WHEN ws.end_time BETWEEN '0002-01-01' AND '9998-12-31' THEN ws.end_time END AS session_end,
       se.set_number, se.set_type::text AS set_type, se.source_set_type, se.weight_kg::float8 AS weight_kg,
       se.reps_completed, se.reps_attempted, se.rpe_value::float8 AS rpe_value, se.rpe_scale::text AS rpe_scale,
       se.rom_quality::text AS rom_quality, se.assisted_reps, se.duration_seconds AS duration_s,
       CASE WHEN se.start_time BETWEEN '0002-01-01' AND '9998-12-31' THEN se.start_time END AS start_time,
       CASE WHEN se.end_time BETWEEN '0002-01-01' AND '9998-12-31' THEN se.end_time END AS end_time,
       se.created_at, false AS weight_confirmed
FROM workout_sessions AS ws
JOIN exercise_performances AS ep ON ep.workout_session_id = ws.id
JOIN workout_block_exercises AS wbe ON wbe.id = ep.workout_block_exercise_id
JOIN set_executions AS se ON se.exercise_performance_id = ep.id
WHERE ws.user_id = ANY (ARRAY(SELECT s.user_id FROM shard_users AS s))
"""


@pytest.fixture
def lifters(lifters_of: Callable[..., tuple[str, list[UUID]]]) -> tuple[str, list[UUID]]:
    return lifters_of(COHORT)


def fetch(url: str, users: list[UUID]) -> tuple[pl.DataFrame, pl.DataFrame]:
    with columns.transaction(url) as cursor:
        columns.stage_users(cursor, [user.bytes for user in users])
        found = packed.fetch_sets(cursor, "performances_of_users").with_columns(weight_confirmed=pl.lit(False))
        plain = columns.fetch(cursor, PLAIN)
    one, other = (Sets.validate(sets, cast=True).sort("set_id") for sets in (found, plain))
    return one, other


def fetch_packed(url: str, users: list[UUID]) -> pl.DataFrame:
    with columns.transaction(url) as cursor:
        columns.stage_users(cursor, [user.bytes for user in users])
        return packed.fetch_sets(cursor, "performances_of_users")


def change(url: str, column: str, values: list[Any]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        ids = connection.execute("SELECT id FROM set_executions ORDER BY id").fetchall()
        for (set_id,), value in zip(ids, values, strict=False):
            connection.execute(
                sql.SQL("UPDATE set_executions SET {} = %s WHERE id = %s").format(sql.Identifier(column)),
                (value, set_id),
            )


def test_a_simulated_log_is_the_same_packed_and_plain(lifters: tuple[str, list[UUID]]) -> None:
    found, plain = fetch(*lifters)
    assert found.height > 500
    assert found["source_set_type"].n_unique() > 1
    assert found.equals(plain)


EDGES: dict[str, list[Any]] = {
    "set_type": list(SET_TYPES),
    "rpe_scale": [*RPE_SCALES, None],
    "rom_quality": [*ROM_QUALITIES, None],
    "source_set_type": ["", "failure", None, "D", "\\x", "ä"],
    "weight_kg": [None, "NaN", 0, -20, "999999.99"],
    "rpe_value": [None, 0, "999.9"],
    "reps_completed": [None, 0, -1, 2147483647],
    "reps_attempted": [None, 0, 12],
    "assisted_reps": [None, 3],
    "duration_seconds": [None, 0, 90],
    "start_time": [None, "infinity", "-infinity", "0001-06-01", "0002-01-01 00:00+00", "9999-01-01", "2024-02-29"],
    "end_time": [None, "infinity", "1969-12-31 23:59:59.999999+00", "9998-12-31 00:00+00"],
}


def test_every_word_and_every_edge_is_the_same(lifters: tuple[str, list[UUID]]) -> None:
    for column, values in EDGES.items():
        change(lifters[0], column, values)
    found, plain = fetch(*lifters)
    for name in found.columns:
        assert found[name].equals(plain[name], null_equal=True), name
    assert set(found["set_type"]) == set(SET_TYPES)
    assert found["weight_kg"].is_nan().any()


def test_a_session_of_every_status_and_of_no_time(lifters: tuple[str, list[UUID]]) -> None:
    url, _ = lifters
    with psycopg.connect(url, autocommit=True) as connection:
        ids = connection.execute("SELECT id FROM workout_sessions ORDER BY id").fetchall()
        for (session,), status in zip(ids, SESSION_STATUSES, strict=False):
            connection.execute("UPDATE workout_sessions SET status = %s WHERE id = %s", (status, session))
        for (session,), start in zip(ids[4:], (None, "infinity", "-infinity", "0044-03-15 BC"), strict=False):
            connection.execute("UPDATE workout_sessions SET start_time = %s WHERE id = %s", (start, session))
    found, plain = fetch(*lifters)
    assert set(found["session_status"]) >= set(SESSION_STATUSES)
    assert found["session_start"].null_count() > 0
    assert found.equals(plain)


def test_a_set_made_at_infinity_is_made_at_the_end_of_the_calendar(lifters: tuple[str, list[UUID]]) -> None:
    change(lifters[0], "created_at", ["infinity", "-infinity"])
    found = fetch_packed(*lifters)
    assert found["created_at"].max() == datetime(9998, 12, 31, tzinfo=UTC)
    assert found["created_at"].min() == datetime(2, 1, 1, tzinfo=UTC)


def test_nobody_has_no_sets_in_the_same_columns(database: str) -> None:
    found, plain = fetch(database, [UUID(int=1)])
    assert found.is_empty()
    assert found.schema == plain.schema


def test_a_word_that_nobody_knows_is_an_error(lifters: tuple[str, list[UUID]]) -> None:
    url, users = lifters
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TYPE set_type_enum ADD VALUE 'giant_set'")
        connection.execute("UPDATE set_executions SET set_type = 'giant_set'")
    with pytest.raises(ValueError, match="a word that is none of working"):
        fetch_packed(url, users)
