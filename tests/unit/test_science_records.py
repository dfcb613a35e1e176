from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from tests.oracle import logs

from insights.science import strength

Row = dict[str, Any]
FIRST = logs.START.date()
LATER = logs.a_body_weight(FIRST + timedelta(days=6), 80.0)


def days_of(
    days: list[list[tuple[float | None, int]]], lift: Row | None = None, weights: list[Row] | None = None
) -> pl.DataFrame:
    """Day by day, three days apart, the sets as (weight, reps)."""
    rows = [
        logs.a_set(100 * day + n, 3 * day, weight_kg=weight, reps_completed=reps)
        for day, done in enumerate(days)
        for n, (weight, reps) in enumerate(done)
    ]
    log = (rows, [logs.a_user()], [logs.a_lift(**(lift or {}))], weights or [])
    return strength.lift_days(logs.facts(log).lift_days)


def flags(frame: pl.DataFrame, column: str) -> list[int]:
    return frame[column].arg_true().to_list()


def test_the_first_day_is_the_baseline() -> None:
    found = days_of([[(100.0, 5), (105.0, 5), (105.0, 6)]])
    assert found.select("volume_pr", "weight_pr", "reps_pr").row(0) == (False, False, False)
    assert found["previous_heaviest_kg"].item() is None


def test_weight_record_needs_more_than_all_earlier_days() -> None:
    found = days_of([[(100.0, 5)], [(102.5, 3), (102.5, 4)], [(102.5, 5)], [(101.0, 1)], [(105.0, 1)]])
    assert flags(found, "weight_pr") == [1, 4]
    assert found["weight_record_reps"].to_list() == [None, 4, None, None, 1]
    assert found["previous_heaviest_kg"].to_list() == [None, 100.0, 102.5, 102.5, 102.5]
    assert found["previous_heaviest_day"].to_list()[4] == FIRST + timedelta(days=3)


@pytest.mark.parametrize(
    ("days", "records"),
    [
        ([[(100.0, 5)], [(100.0, 6)]], [1]),
        ([[(100.0, 5)], [(100.0, 5)]], []),
        ([[(100.0, 5)], [(95.0, 6)]], [1]),
        ([[(100.0, 5)], [(102.5, 6)]], []),  # nothing at this weight or more before: a weight record
        ([[(100.0, 5)], [(90.0, 8)], [(95.0, 6)]], [1, 2]),
        ([[(100.0, 5)], [(95.0, 7)], [(90.0, 7)], [(92.5, 8)]], [1, 3]),
        ([[(100.0, 5), (100.0, 6)]], []),  # the same day sets no record against itself
        ([[(100.0, 5)], [(100.0, 7), (100.0, 6)], [(100.0, 7)]], [1]),
    ],
)
def test_reps_records(days: list[list[tuple[float | None, int]]], records: list[int]) -> None:
    assert flags(days_of(days), "reps_pr") == records


def test_reps_record_tells_the_heaviest_set_and_what_it_beat() -> None:
    found = days_of([[(100.0, 5)], [(95.0, 5)], [(90.0, 9), (95.0, 8), (95.0, 7)]]).row(-1, named=True)
    assert (found["reps_record_weight_kg"], found["reps_record_reps"]) == (95.0, 8)
    assert (found["reps_record_previous_reps"], found["reps_record_previous_day"]) == (5, FIRST)


def test_volume_records_start_with_the_fifth_day() -> None:
    found = days_of([[(100.0, reps)] for reps in (3, 4, 5, 6, 7, 7, 8)])
    assert flags(found, "volume_pr") == [4, 6]
    assert found["previous_volume_kg"].to_list()[4:] == [600.0, 700.0, 700.0]
    assert found["previous_volume_day"].to_list()[6] == FIRST + timedelta(days=12)


def test_equal_volumes_in_another_order_are_no_record() -> None:
    done: list[tuple[float | None, int]] = [(20.1, 3), (0.7, 11), (33.3, 7)]
    found = days_of([done, done, done, done, done[::-1], [done[1], done[0], done[2]]])
    assert flags(found, "volume_pr") == []


def test_a_band_has_only_reps_records() -> None:
    found = days_of([[(None, 10)], [(None, 12)], [(50.0, 11)]], {"load_kind": "band"})
    assert flags(found, "reps_pr") == [1]
    assert flags(found, "weight_pr") == []
    assert found["heaviest_kg"].null_count() == 3


def test_an_assisted_lift_without_body_weight_compares_at_that_assistance_or_less() -> None:
    days: list[list[tuple[float | None, int]]] = [[(30.0, 5)], [(40.0, 6)], [(20.0, 6)], [(30.0, 7)]]
    found = days_of(days, {"load_kind": "assisted"})
    assert flags(found, "reps_pr") == [1, 3]
    assert found["reps_record_weight_kg"].to_list() == [None, -40.0, None, -30.0]
    assert flags(found, "weight_pr") == []


@pytest.mark.parametrize("lift", [{"load_kind": "bodyweight", "bodyweight_share": 1.0}, {"load_kind": "assisted"}])
def test_the_day_on_which_body_weight_becomes_known_is_a_new_baseline(lift: Row) -> None:
    found = days_of([[(20.0, 5)], [(20.0, 5)], [(20.0, 6)], [(20.0, 7)]], lift, [LATER])
    assert found["heaviest_kg"].is_not_null().to_list()[2:] == [True, True]
    assert flags(found, "weight_pr") == []
    assert flags(found, "reps_pr") == [3]
    assert found["previous_heaviest_kg"].to_list()[2] is None


def test_body_weight_lifts_compare_loads() -> None:
    found = days_of(
        [[(20.0, 5)], [(20.0, 5)]],
        {"load_kind": "bodyweight", "bodyweight_share": 1.0},
        [logs.a_body_weight(date(2023, 1, 1), 80.0), logs.a_body_weight(FIRST + timedelta(days=3), 81.0)],
    )
    assert found["heaviest_kg"].to_list() == [100.0, 101.0]
    assert flags(found, "weight_pr") == [1]
