import json
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import examples
from tests.oracle import logs
from tests.oracle import volume as oracle

from insights.frames import Movements, Muscles, Volumes
from insights.science import days, sets, strength, volume
from insights.science.rounding import stored

Row = dict[str, Any]
A, B, C = b"a" * 16, b"b" * 16, b"c" * 16
MUSCLES = [
    {"exercise_id": A, "muscle": "chest", "role": "primary", "activation": 90.0},
    {"exercise_id": A, "muscle": "chest", "role": "secondary", "activation": 10.0},
    {"exercise_id": A, "muscle": "triceps", "role": "secondary", "activation": 60.0},
    {"exercise_id": A, "muscle": "abs", "role": "stabilizer", "activation": 60.0},
    {"exercise_id": B, "muscle": 'va"stus', "role": "primary", "activation": 49.9},
    {"exercise_id": C, "muscle": "abs", "role": "stabilizer", "activation": 90.0},
]
MOVEMENTS = [
    {"exercise_id": A, "pattern": "horizontal_push"},
    {"exercise_id": B, "pattern": "squat"},
    {"exercise_id": B, "pattern": "hinge"},
    {"exercise_id": B, "pattern": "lunge"},
]
FAR = date(2030, 1, 1)
HOUR = timedelta(hours=1)


def muscles(rows: list[Row] = MUSCLES) -> dy.DataFrame[Muscles]:
    return Muscles.validate(pl.DataFrame(rows, schema=Muscles.create_empty().schema))


def movements(rows: list[Row] = MOVEMENTS) -> dy.DataFrame[Movements]:
    return Movements.validate(pl.DataFrame(rows, schema=Movements.create_empty().schema))


def volumes(log: tuple[list[Row], ...], as_of: date = FAR) -> dy.DataFrame[Volumes]:
    facts = logs.facts(log, as_of=as_of)
    return volume.volumes(strength.known_days(facts.lift_days), facts.user_days, muscles(), movements())


def lift(*rows: Row, zone: str = "UTC", as_of: date = FAR) -> dict[tuple[str, date], Row]:
    lifts = [logs.a_lift(exercise_id) for exercise_id in sorted({row["exercise_id"] for row in rows})]
    table = volumes((list(rows), [logs.a_user(time_zone=zone)], lifts, []), as_of)
    return {(row["period_type"], row["calculation_date"]): row for row in table.to_dicts()}


def agree(log: tuple[list[Row], ...], as_of: date) -> int:
    table = volumes(log, as_of)
    frames = logs.frames(*log)
    judged = sets.judge(days.until(frames[0], frames[1], as_of), *frames[1:])
    lift_days = strength.lift_days(logs.facts(log, as_of=as_of).lift_days)
    expected = oracle.volumes(judged.to_dicts(), lift_days.to_dicts(), MUSCLES, MOVEMENTS, as_of)
    decimals = ["total_volume_kg", "average_intensity", "volume_per_hour", "sets_per_hour"]
    found = {}
    for row in table.with_columns(stored(column, 2) for column in decimals).drop("id").to_dicts():
        for column in ("volume_by_muscle_group", "volume_by_movement"):
            row[column] = json.loads(row[column])
        found[row.pop("user_id"), row.pop("period_type"), row.pop("calculation_date")] = row
    assert found == expected
    assert table["id"].n_unique() == table.height
    return table.height


@given(log=logs.ugly_logs(), days=st.integers(0, 320))
@examples(8)
def test_the_oracle_agrees_on_ugly_logs(log: tuple[list[Row], ...], days: int) -> None:
    agree(log, logs.START.date() + timedelta(days=days))


@given(log=logs.ugly_logs(), seed=st.integers(0, 99))
@examples(5)
def test_the_rows_are_the_same_bits_whatever_the_order_of_the_sets(log: tuple[list[Row], ...], seed: int) -> None:
    shuffled = log[0].copy()
    Random(seed).shuffle(shuffled)
    assert volumes((shuffled, *log[1:])).equals(volumes(log))


def test_the_oracle_agrees_on_the_hevy_log(shared_data: Any) -> None:
    assert agree(logs.hevy(shared_data), date(2025, 9, 16)) > 300


def test_months_add_up_to_what_the_sets_say(shared_data: Any) -> None:
    table = volumes(logs.hevy(shared_data))
    totals = table.group_by("period_type").agg(pl.col("total_volume_kg", "total_sets", "total_reps").sum())
    assert totals.drop("period_type").unique().height == 1
    assert totals["total_volume_kg"][0] == 1960667.25


@pytest.mark.parametrize(
    ("start", "zone", "day", "week", "month"),
    [
        pytest.param("2024-12-30T10:00", "UTC", "2024-12-30", "2024-12-30", "2024-12-01", id="last days of a year"),
        pytest.param("2027-01-03T10:00", "UTC", "2027-01-03", "2026-12-28", "2027-01-01", id="first days of a year"),
        pytest.param("2024-02-29T23:59", "UTC", "2024-02-29", "2024-02-26", "2024-02-01", id="leap day"),
        pytest.param("2024-06-30T12:30", "Pacific/Auckland", "2024-07-01", "2024-07-01", "2024-07-01", id="Auckland"),
        pytest.param("2025-03-09T04:30", "America/New_York", "2025-03-08", "2025-03-03", "2025-03-01", id="before"),
        pytest.param("2025-03-10T03:30", "America/New_York", "2025-03-09", "2025-03-03", "2025-03-01", id="after"),
        pytest.param("2025-11-03T04:30", "America/New_York", "2025-11-02", "2025-10-27", "2025-11-01", id="autumn"),
    ],
)
def test_periods_are_those_of_the_users_calendar(start: str, zone: str, day: str, week: str, month: str) -> None:
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
    rows = lift(logs.a_set(session_start=begin), zone=zone)
    wanted = [("daily", day), ("weekly", week), ("monthly", month)]
    assert set(rows) == {(period, date.fromisoformat(first)) for period, first in wanted}


def test_a_session_over_midnight_and_over_new_year_lies_on_its_first_day() -> None:
    begin = datetime(2024, 12, 31, 23, 30, tzinfo=UTC)
    late = {"session_start": begin, "session_end": begin + 2 * HOUR, "session_id": b"s" * 16}
    rows = lift(*(logs.a_set(n, start_time=begin + n * HOUR / 2, **late) for n in range(4)))
    assert {key: row["total_sets"] for key, row in rows.items()} == {
        ("daily", date(2024, 12, 31)): 4,
        ("weekly", date(2024, 12, 30)): 4,
        ("monthly", date(2024, 12, 1)): 4,
    }


def test_days_after_as_of_are_not_yet_there() -> None:
    rows = lift(logs.a_set(0, 0), logs.a_set(1, 1), as_of=date(2024, 1, 1))
    assert {row["total_sets"] for row in rows.values()} == {1}


def test_the_json_says_who_gets_the_credit() -> None:
    own = lift(*(logs.a_set(n, exercise_id=e) for n, e in enumerate([A, A, B, C])))["daily", date(2024, 1, 1)]
    assert own["volume_by_muscle_group"] == (
        '{"chest": {"direct": 2, "hard_sets": 2.0, "indirect": 0, "volume_kg": 1000.0}, '
        '"triceps": {"direct": 0, "hard_sets": 1.0, "indirect": 2, "volume_kg": 500.0}, '
        '"unattributed": {"sets": 1, "volume_kg": 500.0}, '
        '"va\\"stus": {"direct": 0, "hard_sets": 0.5, "indirect": 1, "volume_kg": 250.0}}'
    )
    assert own["volume_by_movement"] == (
        '{"hinge": {"sets": 0.33, "volume_kg": 166.67}, "horizontal_push": {"sets": 2.0, "volume_kg": 1000.0}, '
        '"lunge": {"sets": 0.33, "volume_kg": 166.67}, "squat": {"sets": 0.33, "volume_kg": 166.67}, '
        '"unattributed": {"sets": 1, "volume_kg": 500.0}}'
    )


def test_a_week_weighs_intensity_by_reps_and_is_no_average_of_averages() -> None:
    heavy = [logs.a_set(day, day, weight_kg=100.0, reps_completed=1, rpe_value=10.0) for day in range(3)]
    week = [
        logs.a_set(7, 7, weight_kg=80.0, reps_completed=3, rpe_value=7.0),
        logs.a_set(8, 8, weight_kg=50.0, reps_completed=12, rpe_value=7.0),
    ]
    rows = lift(*heavy, *week)
    assert rows["daily", date(2024, 1, 1)]["average_intensity"] is None
    assert rows["weekly", date(2024, 1, 8)]["average_intensity"] == pytest.approx((3 * 80 + 12 * 50) / 15)
    assert rows["weekly", date(2024, 1, 8)]["intensity_reps"] == 15


@pytest.mark.parametrize(
    ("length", "known"),
    [
        (timedelta(minutes=5) - timedelta(seconds=1), False),
        (timedelta(minutes=5), True),
        (6 * HOUR, True),
        (6 * HOUR + timedelta(seconds=1), False),
        (-HOUR, False),
    ],
)
def test_density_knows_only_sessions_of_a_possible_length(length: timedelta, known: bool) -> None:
    other = logs.a_set(9, 0, session_id=b"x" * 16)
    row = lift(logs.a_set(0, 0, session_end=logs.START + length), other)["daily", date(2024, 1, 1)]
    per_hour = length / HOUR
    assert row["sets_per_hour"] == (pytest.approx(1 / per_hour) if known else None)
    assert row["volume_per_hour"] == (pytest.approx(500 / per_hour) if known else None)


def test_without_an_end_the_session_ends_with_its_last_set_warmups_included() -> None:
    end = {"end_time": logs.START + HOUR}
    row = lift(logs.a_set(0, 0), logs.a_set(1, 0, set_type="warmup", **end))["monthly", date(2024, 1, 1)]
    assert row["sets_per_hour"] == 1.0


@pytest.mark.parametrize(("patterns", "sets", "kilograms"), [(7, 0.43, 214.29), (11, 0.27, 136.36), (16, 0.19, 93.75)])
def test_work_is_split_over_many_patterns_without_a_remainder(patterns: int, sets: float, kilograms: float) -> None:
    facts = logs.facts(([logs.a_set(n, exercise_id=A) for n in range(3)], [logs.a_user()], [logs.a_lift(A)], []))
    shared = movements([{"exercise_id": A, "pattern": f"pattern {n:02}"} for n in range(patterns)])
    table = volume.volumes(strength.known_days(facts.lift_days), facts.user_days, muscles(), shared)
    told = json.loads(table["volume_by_movement"][0])
    assert told.pop("unattributed") == {"sets": 0, "volume_kg": 0.0}
    assert list(told.values()) == [{"sets": sets, "volume_kg": kilograms}] * patterns


def test_no_sets_make_no_rows() -> None:
    assert volumes(([], [], [], [])).equals(Volumes.create_empty())
