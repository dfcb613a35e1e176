from datetime import date, timedelta
from math import exp
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle import trends as oracle

from insights.science import trends

Row = dict[str, Any]
AS_OF = date(2025, 6, 30)
USER, LIFT = b"u" * 16, b"e" * 16
SCHEMA = {
    "user_id": pl.Binary,
    "exercise_id": pl.Binary,
    "day": pl.Date,
    "estimated_1rm_kg": pl.Float64,
    "deload": pl.Boolean,
    "segment": pl.Int32,
}


def a_day(age: int, estimate: float | None, lift: bytes = LIFT, deload: bool = False, segment: int = 0) -> Row:
    day = AS_OF - timedelta(days=age)
    values = (USER, lift, day, estimate, deload, segment)
    return dict(zip(SCHEMA, values, strict=True))


def told(days: list[Row], experience: str | None = None, as_of: date = AS_OF) -> pl.DataFrame:
    users = pl.DataFrame(
        {"user_id": [USER], "training_experience": [experience]},
        schema={"user_id": pl.Binary, "training_experience": pl.String},
    )
    return trends.trends(pl.DataFrame(days, schema=SCHEMA), users, as_of)


def series(slope: float, noise: Any = None, every: int = 4, weeks: int = 30, lift: bytes = LIFT) -> list[Row]:
    ages = range(weeks * 7, -1, -every)
    errors = noise if noise is not None else [0.0] * len(ages)
    return [
        a_day(age, 100 * exp((slope * -age / 7 + error) / 100), lift) for age, error in zip(ages, errors, strict=False)
    ]


@pytest.mark.parametrize(("slope", "kind"), [(1.0, "rising"), (-0.8, "falling"), (0.05, "rising"), (0.0, "plateau")])
def test_a_pure_slope_is_found_and_told(slope: float, kind: str) -> None:
    row = told(series(slope)).row(0, named=True)
    assert row["slope"] == pytest.approx(slope, abs=1e-9)
    assert (row["kind"], row["earlier_kind"], row["told"]) == (kind, kind, True)


def test_noise_that_hides_a_slope_is_undecided_and_never_told() -> None:
    row = told(series(0.0, noise=[9.0, -9.0] * 30, every=14)).row(0, named=True)
    assert (row["kind"], row["told"]) == ("undecided", False)
    assert row["mdc"] > row["delta"]
    assert row["low"] <= 0 <= row["high"]


def test_beginners_are_measured_by_a_larger_delta_in_a_shorter_window() -> None:
    days = series(0.0, noise=[2.0, -2.0] * 30)
    assert told(days, "beginner")["delta"][0] == 1.0
    assert told(days, "beginner")["window_weeks"][0] < told(days)["window_weeks"][0]


def test_two_looks_must_agree() -> None:
    turned = [a_day(age, 100 * exp(abs(age - 28) * 0.4 / 100)) for age in range(120, -1, -3)]
    row = told(turned).row(0, named=True)
    assert row["earlier_kind"] == "falling"
    assert row["kind"] != "falling"
    assert not row["told"]


@pytest.mark.parametrize(
    ("days", "estimates"),
    [
        pytest.param([a_day(age, 100.0 + age) for age in range(9)], 9, id="nine values"),
        pytest.param([a_day(age, 100.0, deload=age > 4) for age in range(20)], 5, id="deload days"),
        pytest.param([a_day(age, 100.0, segment=int(age < 3)) for age in range(20)], 3, id="a new machine"),
        pytest.param([a_day(age, None if age > 3 else 100.0) for age in range(20)], 4, id="days without an estimate"),
        pytest.param([a_day(age * 20, 100.0) for age in range(20)], 10, id="older than 26 weeks"),
    ],
)
def test_only_estimates_that_count_are_counted(days: list[Row], estimates: int) -> None:
    row = told(days).row(0, named=True)
    assert row["estimates"] == estimates
    assert (row["kind"] is None) == (estimates < 10)


@pytest.mark.parametrize(("age", "rows"), [(21, 1), (22, 0)])
def test_a_lift_that_rests_for_more_than_three_weeks_has_no_trend(age: int, rows: int) -> None:
    assert told([a_day(age + i, 100.0) for i in range(30)]).height == rows


@given(
    st.lists(
        st.tuples(st.integers(0, 230), st.sampled_from([None, 80.0, 99.5, 100.0, 101.25, 130.0]), st.integers(0, 9)),
        unique_by=lambda day: day[0],
        max_size=60,
    ),
    st.sampled_from([None, "beginner", "advanced"]),
    st.integers(0, 200),
)
@settings(max_examples=80)
def test_the_oracle_agrees(days: list[tuple[int, float | None, int]], experience: str | None, jump: int) -> None:
    rows = [a_day(age, value, deload=kind == 0, segment=int(age < jump)) for age, value, kind in days]
    table = told(rows, experience)
    delta = 1.0 if experience == "beginner" else 0.5
    expected = oracle.look(rows, AS_OF, delta)
    assert table.height == (expected is not None)
    if expected is not None:
        row = table.row(0, named=True)
        assert {name: row[name] for name in expected} == pytest.approx(expected, abs=1e-9)
        earlier = oracle.look(rows, AS_OF - timedelta(days=28), delta)
        assert row["earlier_kind"] == (earlier and earlier["kind"])


@given(st.permutations(series(0.3, noise=[1.0, -2.0, 0.5] * 30)))
@settings(max_examples=10)
def test_the_order_of_the_rows_changes_no_bit(days: list[Row]) -> None:
    assert told(days).equals(told(series(0.3, noise=[1.0, -2.0, 0.5] * 30)))


@pytest.mark.parametrize("sd", [2.0, 4.2])
@pytest.mark.parametrize("every", [7, 4])
def test_lifts_that_stand_still_are_seldom_called_moving_and_falsely_flat(sd: float, every: int) -> None:
    lifts, error = 300, 2 * (0.05 * 0.95 / 300) ** 0.5
    random = np.random.default_rng(20_250_630)
    size = 30 * 7 // every + 1
    still, rising = (
        [day for i in range(lifts) for day in series(slope, random.normal(0, sd, size), every, lift=b"%016d" % i)]
        for slope in (0.0, 0.5)
    )
    kinds = told(still)["kind"]
    assert kinds.len() == lifts
    assert kinds.is_in(["rising", "falling"]).mean() <= 0.05 + error
    assert (told(rising)["kind"] == "plateau").mean() <= 0.05 + error
    if sd == 2.0:
        assert (kinds == "plateau").mean() >= 0.8


def test_mann_kendall_on_a_worked_case() -> None:
    # ten values in rising order: S = 45, variance = 125, z = 44 / sqrt(125)
    assert trends.mann_kendall_p(np.array([45.0, 0.0]), 10) == pytest.approx([8.303e-05, 1.0], rel=1e-3)


@pytest.mark.parametrize(
    ("count", "z", "ranks"), [(10, 1.960, (11, 35)), (20, 1.960, (64, 127)), (20, 1.645, (69, 122))]
)
def test_ranks_of_the_range(count: int, z: float, ranks: tuple[int, int]) -> None:
    assert trends.slope_range_ranks(count, z) == ranks
