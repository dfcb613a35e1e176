from datetime import date, timedelta
from statistics import mean, stdev

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracle import consistency as oracle

from insights.science import consistency

AS_OF = date(2025, 6, 29)  # a Sunday
USER = b"u" * 16


def loads(by_age: dict[int, float]) -> pl.DataFrame:
    days = [AS_OF - timedelta(days=age) for age in by_age]
    return pl.DataFrame({"user_id": [USER] * len(days), "day": days, "load": list(by_age.values())})


def weeks(hard_sets: list[int | None]) -> pl.DataFrame:
    first = AS_OF - timedelta(days=7 * len(hard_sets) - 1)
    rows = [
        (USER, "weekly", first + timedelta(days=7 * i), sets) for i, sets in enumerate(hard_sets) if sets is not None
    ]
    schema = {"user_id": pl.Binary, "period_type": pl.String, "calculation_date": pl.Date, "total_sets": pl.Int32}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_monotony_strain_and_acwr_count_rest_days_as_zero() -> None:
    row = consistency.training_load(loads({0: 500.0, 2: 1000.0, 5: 750.0, 10: 900.0, 27: 600.0}), AS_OF).row(
        0, named=True
    )
    week = [500.0, 0.0, 1000.0, 0.0, 0.0, 750.0, 0.0]
    assert row["monotony"] == pytest.approx(mean(week) / stdev(week))
    assert row["strain"] == pytest.approx(sum(week) * mean(week) / stdev(week))
    assert row["acwr"] == pytest.approx(2250 / (3750 / 4))


@pytest.mark.parametrize("by_age", [dict.fromkeys(range(7), 333.3), {20: 500.0}])
def test_monotony_is_unknown_where_every_day_is_alike(by_age: dict[int, float]) -> None:
    row = consistency.training_load(loads(by_age), AS_OF).row(0, named=True)
    assert (row["monotony"], row["strain"]) == (None, None)


def test_acwr_waits_for_28_days() -> None:
    assert consistency.training_load(loads({0: 1.0, 26: 1.0}), AS_OF)["acwr"][0] is None


@pytest.mark.parametrize(
    ("hard_sets", "deload"),
    [
        ([10, 10, 10, 10, 6], True),
        ([10, 10, 10, 10, 7], False),
        ([10, None, 10, 10, 6], True),
        ([10, 10, 6], False),
    ],
)
def test_a_deload_week_is_light_against_the_trained_weeks_before(hard_sets: list[int | None], deload: bool) -> None:
    no_days = pl.DataFrame(schema={"user_id": pl.Binary, "day": pl.Date, "deload": pl.Boolean})
    assert consistency.deload_weeks(weeks(hard_sets), no_days)["deload"].to_list()[-1] is deload


def test_a_week_of_deload_days_is_a_deload_week() -> None:
    days = pl.DataFrame({"user_id": [USER] * 2, "day": [AS_OF, AS_OF - timedelta(days=3)], "deload": [True, False]})
    assert consistency.deload_weeks(weeks([10]), days)["deload"].to_list() == [True]


DAY_LIGHT = st.lists(st.tuples(st.integers(0, 90), st.booleans()), max_size=40)


@given(st.lists(st.none() | st.integers(0, 12), min_size=1, max_size=14), DAY_LIGHT)
def test_the_oracle_agrees_on_deload_weeks(hard_sets: list[int | None], light: list[tuple[int, bool]]) -> None:
    weekly = weeks(hard_sets)
    days = [(AS_OF - timedelta(days=age), deload) for age, deload in light]
    schema = {"user_id": pl.Binary, "day": pl.Date, "deload": pl.Boolean}
    lift_days = pl.DataFrame([(USER, *day) for day in days], schema=schema, orient="row")
    found = dict(consistency.deload_weeks(weekly, lift_days).select("week", "deload").iter_rows())
    known = dict(weekly.select("calculation_date", "total_sets").iter_rows())
    assert found == oracle.deload_weeks(known, days)


@given(st.dictionaries(st.integers(-3, 40), st.sampled_from([0.0, 500.0, 333.3, 1250.5]), max_size=30))
def test_the_oracle_agrees_on_the_load(by_age: dict[int, float]) -> None:
    frame = loads(by_age).cast({"user_id": pl.Binary, "day": pl.Date, "load": pl.Float64})
    found = consistency.training_load(frame, AS_OF).to_dicts()
    known = {AS_OF - timedelta(days=age): load for age, load in by_age.items()}
    assert len(found) == any(age >= 0 for age in by_age)
    for row in found:
        expected = oracle.training_load(known, AS_OF)
        for name, value in expected.items():
            assert row[name] == (None if value is None else pytest.approx(value, rel=1e-9)), name


@given(st.sets(st.integers(-10, 90), max_size=30), st.integers(0, 6))
def test_the_oracle_agrees_on_consistency(ages: set[int], later: int) -> None:
    as_of = AS_OF + timedelta(days=later)
    days = {as_of - timedelta(days=age) for age in ages}
    rows = [(USER, "daily", day) for day in days]
    rows += [(USER, "weekly", monday) for monday in {day - timedelta(days=day.weekday()) for day in days}]
    schema = {"user_id": pl.Binary, "period_type": pl.String, "calculation_date": pl.Date}
    found = consistency.consistency(pl.DataFrame(rows, schema=schema, orient="row"), as_of).drop("user_id").to_dicts()
    expected = oracle.consistency(days, as_of)
    if expected is None:
        assert not any(row["training_days"] for row in found)
    else:
        assert found == [expected]


def test_the_logged_load_is_the_daily_volume() -> None:
    rows = [(USER, kind, AS_OF, 100.0) for kind in ("daily", "weekly", "monthly")]
    schema = ["user_id", "period_type", "calculation_date", "total_volume_kg"]
    frame = consistency.logged_load(pl.DataFrame(rows, schema=schema, orient="row"))
    assert frame.to_dicts() == [{"user_id": USER, "day": AS_OF, "load": 100.0}]
