from decimal import Decimal

import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from insights.rounding import stored, units

ties = st.integers(-(10**8), 10**8).map(lambda n: n / 1000) | st.integers(1, 10**6).map(lambda n: n * 0.67 * 0.25)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(values=[86.625, 1.005, -1.005], scale=2)
@given(values=st.lists(ties | st.floats(-1e12, 1e12), min_size=1, max_size=200), scale=st.integers(0, 4))
def test_equals_what_postgresql_stores(server_url: str, values: list[float], scale: int) -> None:
    query = "select x::numeric(30, {})::float8 from unnest(%(values)s::float8[]) with ordinality u(x, n) order by n"
    with psycopg.connect(server_url) as connection:
        rows = connection.execute(query.format(scale).encode(), {"values": values}).fetchall()
    assert pl.DataFrame({"x": values}).select(stored("x", scale)).to_series().to_list() == [row[0] for row in rows]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(values=[86.625, 1.005, -1.005, 0.0, -0.0, 922_337_203_685_477.0, 512_345_678_901.234], scale=4)
@given(values=st.lists(ties | st.floats(-9e14, 9e14), min_size=1, max_size=200), scale=st.integers(0, 4))
def test_units_equal_what_postgresql_stores(server_url: str, values: list[float], scale: int) -> None:
    query = "select x::numeric(30, {0})::text from unnest(%(values)s::float8[]) with ordinality u(x, n) order by n"
    with psycopg.connect(server_url) as connection:
        rows = connection.execute(query.format(scale).encode(), {"values": values}).fetchall()
    expected = [int(Decimal(row[0]).scaleb(scale)) for row in rows]
    assert units(pl.Series(values, dtype=pl.Float64), scale).tolist() == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 9.3e14, -1e300])
def test_units_that_no_integer_holds_are_refused(value: float) -> None:
    with pytest.raises(OverflowError, match="load_kg"):
        units(pl.Series("load_kg", [1.0, value]), 4)


def test_units_of_nothing_are_zero() -> None:
    assert units(pl.Series([None, 1.5], dtype=pl.Float64), 1).tolist() == [0, 15]
