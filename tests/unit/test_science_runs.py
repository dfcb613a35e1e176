import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from insights.science.runs import Runs

FRAME = pl.DataFrame({"user": [b"a", b"a", b"a", b"b"], "lift": ["x", "x", "y", "y"], "value": [1, 2, 3, 4]})


def test_a_run_ends_where_any_key_changes() -> None:
    runs = Runs.of_rows(FRAME, "user", "lift")
    assert (runs.starts.tolist(), runs.ends.tolist(), runs.lengths.tolist()) == ([0, 2, 3], [2, 3, 4], [2, 1, 1])
    assert runs.numbers.to_list() == [0, 0, 1, 2]
    assert runs.first(FRAME["user"]).to_list() == [b"a", b"a", b"b"]


@pytest.mark.parametrize("keys", [["user"], ["user", "lift"]])
def test_no_rows_are_no_runs(keys: list[str]) -> None:
    runs = Runs.of_rows(FRAME.clear(), *keys)
    assert (runs.count, runs.ends.tolist(), runs.lengths.tolist(), runs.numbers.to_list()) == (0, [], [], [])
    assert runs.running_total(pl.Series([], dtype=pl.Int32)).to_list() == []


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5)), min_size=1))
def test_a_running_total_begins_anew_with_each_run(rows: list[tuple[int, int]]) -> None:
    frame = pl.DataFrame(sorted(rows), schema={"key": pl.Int64, "value": pl.Int32}, orient="row")
    expected = frame.select(pl.col("value").cum_sum().over("key")).to_series()
    found = Runs.of(frame["key"]).running_total(frame["value"])
    assert found.dtype == pl.Int32
    assert np.array_equal(found.to_numpy(), expected.to_numpy())
