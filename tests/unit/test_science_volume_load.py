from datetime import date, timedelta
from statistics import mean, stdev
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracle import consistency as oracle

from insights.frames import UserStarts
from insights.science import consistency
from insights.science.periods import closed_weeks

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


def first(days: pl.DataFrame) -> pl.DataFrame:
    return days.group_by("user_id").agg(first_day=pl.col("day").min())


def load_as_of_sunday(by_age: dict[int, float]) -> dict[str, Any] | None:
    days = loads(by_age).cast({"user_id": pl.Binary, "day": pl.Date, "load": pl.Float64})
    rows = consistency.training_load(days, first(days), AS_OF).drop("user_id").to_dicts()
    return rows[0] if rows else None


def test_monotony_strain_and_acwr_count_rest_days_as_zero() -> None:
    row = load_as_of_sunday({0: 500.0, 2: 1000.0, 5: 750.0, 10: 900.0, 27: 600.0})
    week = [500.0, 0.0, 1000.0, 0.0, 0.0, 750.0, 0.0]
    assert row is not None
    assert row["monotony"] == pytest.approx(mean(week) / stdev(week))
    assert row["strain"] == pytest.approx(sum(week) * mean(week) / stdev(week))
    assert row["acwr"] == pytest.approx(2250 / (3750 / 4))
    assert (row["days_of_week"], row["days_of_month"]) == (3, 5)


@pytest.mark.parametrize("by_age", [dict.fromkeys(range(7), 333.3), {20: 500.0}, {0: 0.0}])
def test_monotony_is_unknown_where_every_day_is_alike(by_age: dict[int, float]) -> None:
    row = load_as_of_sunday(by_age)
    assert row is not None
    assert (row["monotony"], row["strain"]) == (None, None)


def test_days_that_differ_by_a_hair_are_told_apart_exactly() -> None:
    row = load_as_of_sunday(dict.fromkeys(range(6), 1_000_000.0) | {6: 1_000_000.01})
    assert row is not None
    assert row["monotony"] == pytest.approx(1_000_000 / 0.01 * 7**0.5)


def test_acwr_waits_for_28_days() -> None:
    known = [load_as_of_sunday({0: 1.0, age: 1.0}) for age in (26, 27)]
    assert [row and row["acwr"] for row in known] == [None, 2.0]


@pytest.mark.parametrize(
    ("hard_sets", "deload"),
    [
        ([10, 10, 10, 10, 6], True),
        ([10, 10, 10, 10, 7], False),
        ([10, None, 10, 10, 6], True),
        ([10, 10, 6], None),
        ([99, 10, 10, 10, 10, 7], False),
        ([10, 10, 10, *[None] * 23, 6], True),
        ([10, 10, 10, *[None] * 24, 6], None),
    ],
)
def test_a_deload_week_is_light_against_the_trained_weeks_before(
    hard_sets: list[int | None], deload: bool | None
) -> None:
    no_days = pl.DataFrame(schema={"user_id": pl.Binary, "day": pl.Date, "deload": pl.Boolean})
    found = consistency.deload_week(weeks(hard_sets), no_days, closed_weeks(AS_OF, 1))
    assert found["deload"].to_list() == [deload]


@pytest.mark.parametrize(("second", "deload"), [(True, True), (False, None)])
def test_a_week_of_deload_days_is_a_deload_week(second: bool, deload: bool | None) -> None:
    ages, light = [0, 3, 5, 6], [True, False, second, False]
    days = [AS_OF - timedelta(days=age) for age in ages]
    lift_days = pl.DataFrame({"user_id": [USER] * 4, "day": days, "deload": light})
    found = consistency.deload_week(weeks([10]), lift_days, closed_weeks(AS_OF, 1))
    assert found["deload"].to_list() == [deload]


DAY_LIGHT = st.lists(st.tuples(st.integers(0, 90), st.booleans()), max_size=40)
HARD_SETS = st.lists(st.none() | st.integers(0, 12), min_size=1, max_size=31)


@given(HARD_SETS, DAY_LIGHT, st.integers(0, 3))
def test_the_oracle_agrees_on_deload_weeks(
    hard_sets: list[int | None], light: list[tuple[int, bool]], ago: int
) -> None:
    weekly, week = weeks(hard_sets), closed_weeks(AS_OF, 1, skip=ago)
    days = [(AS_OF - timedelta(days=age), deload) for age, deload in light]
    schema = {"user_id": pl.Binary, "day": pl.Date, "deload": pl.Boolean}
    lift_days = pl.DataFrame([(USER, *day) for day in days], schema=schema, orient="row")
    rows = consistency.deload_week(weekly, lift_days, week).drop("user_id").to_dicts()
    known = dict(weekly.select("calculation_date", "total_sets").iter_rows())
    expected = oracle.deload_week(known, days, week.start)
    assert len(rows) == (expected is not None)
    for row in rows:
        assert expected is not None
        shares = {name: row.pop(ours) for name, ours in (("baseline", "baseline_sets"), ("share", "light_share"))}
        assert row == {name: expected[name] for name in row}
        assert shares == {name: None if expected[name] is None else float(expected[name]) for name in shares}


@given(st.dictionaries(st.integers(-3, 40), st.sampled_from([0.0, 500.0, 333.3, 1250.55]), max_size=30))
def test_the_oracle_agrees_on_the_load(by_age: dict[int, float]) -> None:
    row = load_as_of_sunday(by_age)
    expected = oracle.training_load({AS_OF - timedelta(days=age): load for age, load in by_age.items()}, AS_OF)
    assert (row is None) == (expected is None)
    for name, value in (expected or {}).items():
        assert row is not None
        assert row[name] == (None if value is None else pytest.approx(float(value), rel=1e-12)), name


@given(st.sets(st.integers(-10, 90), max_size=30), st.integers(0, 6))
def test_the_oracle_agrees_on_consistency(ages: set[int], later: int) -> None:
    as_of = AS_OF + timedelta(days=later)
    days = {as_of - timedelta(days=age) for age in ages}
    rows = [(USER, "daily", day) for day in days]
    rows += [(USER, "weekly", monday) for monday in {day - timedelta(days=day.weekday()) for day in days}]
    schema = {"user_id": pl.Binary, "period_type": pl.String, "calculation_date": pl.Date}
    volumes = pl.DataFrame(rows, schema=schema, orient="row")
    known = volumes.filter(pl.col("calculation_date") <= as_of)
    first_days = consistency.first_days(known, UserStarts.create_empty())
    found = consistency.consistency(volumes, first_days, as_of).drop("user_id").to_dicts()
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
