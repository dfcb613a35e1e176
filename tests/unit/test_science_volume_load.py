from datetime import date, timedelta
from statistics import mean, stdev

import polars as pl
import pytest

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
    return pl.DataFrame(rows, schema=["user_id", "period_type", "calculation_date", "total_sets"], orient="row")


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
