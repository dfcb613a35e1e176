from collections.abc import Mapping
from datetime import date
from math import inf, nan
from typing import Any
from uuid import UUID

import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.datatypes import DataTypeClass
from tests.conftest import examples

from insights import frames
from insights.db import columns, state

USERS = [UUID(int=number).bytes for number in (1, 2, 3 << 64, 255 << 120)]
LIFTS = [UUID(int=number).bytes for number in (7, 8 << 64, 254 << 120)]
METHODS = ("brzycki", "epley", "measured", "rpe", "ä x")
# Beside the least integers and the least double, which stand for null.
VALUES: dict[DataTypeClass, st.SearchStrategy[Any]] = {
    pl.Boolean: st.booleans(),
    pl.Int32: st.sampled_from([-(2**31) + 1, 2**31 - 1, 0, -1, 12]),
    pl.Int64: st.sampled_from([-(2**63) + 1, 2**63 - 1, 0, -1, 2**32]),
    pl.Float64: st.sampled_from([nan, inf, -inf, 0.0, -0.0, 5e-324, -1.7976931348623155e308, 82.5, 0.1 + 0.2]),
    pl.Date: st.sampled_from(
        [date(1, 1, 1), date(1999, 12, 31), date(2000, 1, 1), date(1970, 1, 1), date(2025, 6, 1), date(9999, 12, 31)]
    ),
    pl.String: st.sampled_from(METHODS),
}
FRAMES = {
    "lift_days": frames.LiftDays,
    "user_days": frames.UserDays,
    "context_days": frames.ContextDays,
    "lift_bests": frames.LiftBests,
}
NULLABLE = {("states", "first_day")} | {
    (table, name) for table, frame in FRAMES.items() for name, column in frame.columns().items() if column.nullable
}


@pytest.fixture
def remembering(database: str) -> str:
    with psycopg.connect(database, autocommit=True) as connection:
        for user in USERS:
            connection.execute(
                "INSERT INTO users (id, email, username, is_active, is_superuser) VALUES (%s, %s, %s, true, false)",
                (UUID(bytes=user), f"{user.hex()}@example.org", user.hex()),
            )
    return database


def value_of(table: str, name: str, dtype: pl.DataType) -> st.SearchStrategy[Any]:
    values: st.SearchStrategy[Any] = VALUES[dtype.base_type()]
    return st.none() | values if (table, name) in NULLABLE else values


@st.composite
def rows_of(draw: st.DrawFn, table: str) -> Mapping[str, Any]:
    """A row of a table; its arrays that lie side by side are of one size."""
    ids: dict[str, st.SearchStrategy[Any]] = {"user_id": st.sampled_from(USERS), "exercise_id": st.sampled_from(LIFTS)}
    sizes: dict[str, int] = {}
    row = {}
    for name, dtype in state.SCHEMAS[table].items():
        if isinstance(dtype, pl.List):
            beside = name.rpartition("_")[0]
            size = sizes[beside] if beside in sizes else draw(st.integers(0, 4))
            sizes[beside] = size
            row[name] = draw(st.lists(VALUES[dtype.inner.base_type()], min_size=size, max_size=size))
        else:
            row[name] = draw(ids[name] if name in ids else value_of(table, name, dtype))
    return row


@st.composite
def tables(draw: st.DrawFn) -> Mapping[str, pl.DataFrame]:
    found = {}
    for table, schema in state.SCHEMAS.items():
        key = state.KEYS[table]
        rows = pl.DataFrame(draw(st.lists(rows_of(table), max_size=6)), schema=dict(schema))
        found[table] = rows.unique(key, keep="first", maintain_order=True).sort(key)
    return found


def written_and_read(url: str, rows: Mapping[str, pl.DataFrame], users: list[bytes]) -> Mapping[str, pl.DataFrame]:
    """What is read of these users once the rows are there. Nothing of it is kept."""

    class Enough(Exception):
        pass

    with pytest.raises(Enough), columns.transaction(url) as cursor:
        columns.stage_users(cursor, users)
        nothing = {table: pl.DataFrame(schema=dict(schema)) for table, schema in state.SCHEMAS.items()}
        state.write(cursor, nothing, rows)
        found = state.read(cursor)
        raise Enough
    return found


def same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Equal, the signs of zeros too."""
    return one.equals(other) and str(one.to_dicts()) == str(other.to_dicts())


@settings(examples(12), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_remembered_comes_back_to_the_bit(remembering: str, data: st.DataObject) -> None:
    rows = data.draw(tables())
    found = written_and_read(remembering, rows, USERS)
    for table, expected in rows.items():
        assert found[table].schema == expected.schema, table
        assert same(found[table], expected), table
    one = written_and_read(remembering, rows, USERS[1:2])
    for table, expected in rows.items():
        assert same(one[table], expected.filter(pl.col("user_id") == USERS[1])), table


def test_of_nobody_nothing_is_remembered_in_the_same_columns(remembering: str) -> None:
    nothing = {table: pl.DataFrame(schema=dict(schema)) for table, schema in state.SCHEMAS.items()}
    for users in ([], USERS):
        found = written_and_read(remembering, nothing, users)
        assert {table: rows.schema for table, rows in found.items()} == state.SCHEMAS
        assert all(rows.is_empty() for rows in found.values())


@pytest.mark.parametrize("reps", ["{5,NULL}", "{NULL}", "{NULL,5}", "{5}", "{}", "{5,6,7}", "{{5,6},{7,8}}"])
def test_an_array_with_a_null_or_of_another_size_is_an_error_and_no_other_number(remembering: str, reps: str) -> None:
    with psycopg.connect(remembering) as connection:
        for day, array in (("2025-06-01", reps), ("2025-06-02", "{5,6}")):
            connection.execute(
                "INSERT INTO engine_lift_days (user_id, exercise_id, day, with_body_weight, hard_sets, reps,"
                " checked_sets, doubtful_sets, effort, told, reach_kg, reach_reps, typed_kg)"
                " VALUES (%s, %s, %s, false, 1, 5, 1, 0, false, true, '{80,90}', %s::int4 [], '{}')",
                (UUID(bytes=USERS[0]), UUID(bytes=LIFTS[0]), day, array),
            )
    with pytest.raises(ValueError), columns.transaction(remembering) as cursor:
        columns.stage_users(cursor, USERS)
        state.read(cursor)
