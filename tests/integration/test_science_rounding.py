import polars as pl
import psycopg
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from insights.science.rounding import stored

ties = st.integers(-(10**8), 10**8).map(lambda n: n / 1000) | st.integers(1, 10**6).map(lambda n: n * 0.67 * 0.25)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(values=[86.625, 1.005, -1.005], scale=2)
@given(values=st.lists(ties | st.floats(-1e12, 1e12), min_size=1, max_size=200), scale=st.integers(0, 4))
def test_equals_what_postgresql_stores(server_url: str, values: list[float], scale: int) -> None:
    query = "select x::numeric(30, {})::float8 from unnest(%(values)s::float8[]) with ordinality u(x, n) order by n"
    with psycopg.connect(server_url) as connection:
        rows = connection.execute(query.format(scale).encode(), {"values": values}).fetchall()
    assert pl.DataFrame({"x": values}).select(stored("x", scale)).to_series().to_list() == [row[0] for row in rows]
