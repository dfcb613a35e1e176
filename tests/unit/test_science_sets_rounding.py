from decimal import ROUND_HALF_UP, Decimal

import duckdb
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from insights.science.rounding import stored

TIES = [(86.625, 86.63), (1.005, 1.01), (-1.005, -1.01), (0.004, 0.0), (-0.004, 0.0), (268.335, 268.34), (2.675, 2.68)]


@pytest.mark.parametrize(("value", "expected"), TIES)
def test_known_ties(value: float, expected: float) -> None:
    frame = pl.DataFrame({"x": [value, None]})
    assert frame.select(stored("x", 2)).to_series().to_list() == [expected, None]


def near_ties(scale: int) -> st.SearchStrategy[float]:
    ties = st.integers(-(10**9), 10**9).map(lambda n: (n + 0.5) / 10**scale)
    thirds = st.tuples(st.integers(1, 10**6), st.sampled_from([0.67, 0.65, 0.1])).map(lambda p: p[0] * p[1] * 0.25)
    return ties | thirds | st.floats(-1e9, 1e9)


@example(values=[value for value, _ in TIES], scale=2)
@given(values=st.lists(near_ties(2), min_size=1, max_size=50), scale=st.integers(0, 4))
def test_equals_the_fifteen_digit_decimal_and_duckdb(values: list[float], scale: int) -> None:
    found = pl.DataFrame({"x": values}).select(stored("x", scale)).to_series().to_list()
    digits = [Decimal(f"{value:.15g}") for value in values]
    expected = [float(d.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)) for d in digits]
    assert found == expected
    query = f"select cast(cast(printf('%.15g', x) as decimal(38, 20)) as decimal(38, {scale}))::double"
    with duckdb.connect() as connection:
        frame = pl.DataFrame({"place": range(len(values)), "x": values}, schema_overrides={"x": pl.Float64})
        connection.register("doubles", frame.to_arrow())
        rows = connection.execute(f"{query} from doubles order by place").fetchall()
    assert found == [row[0] for row in rows]


def test_what_is_no_number_stays() -> None:
    frame = pl.DataFrame({"x": [float("inf"), float("-inf"), 1e300, 4503599627370497.5]})
    assert frame.select(stored("x", 2)).to_series().to_list() == [
        float("inf"),
        float("-inf"),
        1e300,
        4503599627370500.0,
    ]
    assert pl.DataFrame({"x": [float("nan")]}).select(stored("x", 2).is_nan()).item()
