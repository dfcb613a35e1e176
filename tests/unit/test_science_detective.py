from datetime import date
from math import isnan
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracle import logs

from insights.files.units import found_unit
from insights.science import detective, sets

Row = dict[str, Any]
FAILURE: Row = {"source_set_type": "failure", "set_type": "amrap"}


def suspects(rows: list[Row], imported: int = 0) -> list[Row]:
    judged = sets.judge(*logs.frames(rows, [logs.a_user()], [logs.a_lift()], []))
    ids = [row["set_id"] for row in rows[:imported]]
    sources = pl.DataFrame(
        {"set_id": ids, "source": ["strong"] * imported}, schema={"set_id": pl.Binary, "source": pl.String}
    )
    return detective.suspects(judged, sources).to_dicts()


def weighing(weights: list[float | None]) -> list[Row]:
    return [logs.a_set(n, n, weight_kg=weight) for n, weight in enumerate(weights)]


POUNDS = [44.09, 66.14, 110.23, 154.32, 55.12] * 4  # 20, 30, 50, 70, 25 kg
KILOGRAMS = [20.0, 30.0, 50.0, 70.0, 25.0] * 4


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        pytest.param(POUNDS, 20, id="pounds"),
        pytest.param(KILOGRAMS, 0, id="kilograms"),
        pytest.param(POUNDS[:19], 0, id="too few"),
        pytest.param([*POUNDS, None, 0.0, float("nan")], 20, id="no weight is no weight in pounds"),
        pytest.param([*POUNDS, 37.41, 37.41, 37.41, 37.41, 37.41], 25, id="80 % on steps"),
        pytest.param([*POUNDS, *[37.41] * 6], 0, id="under 80 % on steps"),
        pytest.param([*POUNDS, *KILOGRAMS[:4]], 24, id="under 20 % kilograms"),
        pytest.param([*POUNDS, *KILOGRAMS[:5]], 0, id="20 % kilograms"),
        pytest.param([45.0, 135.0, 225.0, 95.0, 185.0] * 4, 0, id="plates of 45 lb cannot be told"),
    ],
)
def test_pounds_in_a_kilogram_column(weights: list[float | None], found: int) -> None:
    rows = [row for row in suspects(weighing(weights)) if row["kind"] == "pounds"]
    assert len(rows) == found
    for row in rows:
        expected = {44.09: 20.0, 66.14: 30.0, 110.23: 50.0, 154.32: 70.0, 55.12: 25.0, 37.41: 16.97}
        assert row["meant_kg"] == expected.get(row["weight_kg"], pytest.approx(row["weight_kg"] * 0.4536, rel=1e-3))
        assert row["looked_at"] == len([weight for weight in weights if weight and not isnan(weight)])


def test_one_log_in_pounds_does_not_accuse_the_other_sets() -> None:
    rows = suspects(weighing([*POUNDS, *KILOGRAMS]), imported=20)
    assert {(row["kind"], row["source"]) for row in rows} == {("pounds", "strong")}
    assert sorted(row["set_id"] for row in rows) == [b"%016d" % n for n in range(20)]


@given(st.lists(st.sampled_from([44.09, 66.14, 110.23, 20.0, 62.5, 37.41, 45.0]), min_size=20, max_size=40))
def test_stored_sets_are_judged_as_a_file_is(weights: list[float]) -> None:
    pounds = any(row["kind"] == "pounds" for row in suspects(weighing(list(weights))))
    assert pounds == (found_unit(weights) == "lb")


@given(st.integers(1, 1200))
def test_what_was_meant_is_found_again_from_two_decimals(half_kilograms: int) -> None:
    kg = half_kilograms / 2
    stored = round(kg / detective.KG_PER_LB, 2)
    assert pl.select(detective.pounds_to_kg(pl.lit(stored))).item() == kg


@pytest.mark.parametrize(("typed", "meant"), [(1000.0 / 2, 50.0), (5.0, 50.0)])
def test_a_misplaced_point_is_put_back(typed: float, meant: float) -> None:
    usual = [logs.a_set(n, n, weight_kg=50.0) for n in range(6)]
    (row,) = suspects([*usual, logs.a_set(9, 6, weight_kg=typed)])
    assert (row["kind"], row["weight_kg"], row["meant_kg"], row["day"]) == ("typo", typed, meant, date(2024, 1, 7))
    assert row["looked_at"] == 7


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        (FAILURE | {"rpe_value": 8.5}, 1),
        (FAILURE | {"rpe_value": 9.0}, 0),
        (FAILURE | {"rpe_value": 8.5, "rpe_scale": "rpe_20"}, 0),
        (FAILURE | {"rpe_value": 8.5, "reps_completed": 0, "duration_s": 30}, 1),
        (FAILURE, 0),
        ({"rpe_value": 8.5}, 0),
    ],
)
def test_a_failure_that_was_none(changes: Row, found: int) -> None:
    rows = suspects([logs.a_set(0, rpe_value=7.0), logs.a_set(1, **changes)])
    assert [(row["kind"], row["looked_at"], row["meant_kg"]) for row in rows] == [
        ("contradictory_effort", 2, None)
    ] * found
