from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.conftest import examples
from tests.oracle import logs, verdicts
from tests.oracle import strength as oracle

from insights import ids
from insights.science import strength

Row = dict[str, Any]
Log = tuple[list[Row], list[Row], list[Row], list[Row]]
FIRST = logs.START.date()


def days_of(rows: list[Row], lift: Row | None = None, weights: list[Row] | None = None) -> pl.DataFrame:
    return found((rows, [logs.a_user()], [lift or logs.a_lift()], weights or []))


def found(log: Log) -> pl.DataFrame:
    return strength.lift_days(logs.facts(log).lift_days)


def singles(*estimates: float, gap: int = 3) -> list[Row]:
    """One single to failure a day: its weight is the day's estimate."""
    plain = {"reps_completed": 1, "rpe_value": 10.0}
    return [logs.a_set(n, n * gap, weight_kg=kg, **plain) for n, kg in enumerate(estimates)]


def test_the_best_set_gives_the_estimate_and_its_base() -> None:
    rows = [
        logs.a_set(1, weight_kg=100.0, reps_completed=5),
        logs.a_set(2, weight_kg=110.0, reps_completed=3, rpe_value=8.0),
        logs.a_set(3, weight_kg=60.0, reps_completed=20),
    ]
    (row,) = days_of(rows).iter_rows(named=True)
    assert row["estimated_1rm_kg"] == pytest.approx(110 / 0.863)
    assert (row["estimation_method"], row["base_weight_kg"], row["base_reps"], row["base_rpe"]) == (
        "rpe",
        110.0,
        3,
        8.0,
    )


def test_ties_go_to_the_surer_set_then_the_earlier_then_the_lower_number_and_id() -> None:
    later = logs.START + timedelta(hours=1)
    tied = [
        logs.a_set(1, weight_kg=100.0, reps_completed=1, start_time=logs.START),  # RIR unknown: less sure
        logs.a_set(2, weight_kg=100.0, reps_completed=1, rpe_value=10.0),
        logs.a_set(3, weight_kg=100.0, reps_completed=1, rpe_value=10.0, start_time=later),
        logs.a_set(5, weight_kg=100.0, reps_completed=1, reps_attempted=2, set_number=2, start_time=logs.START),
        logs.a_set(6, weight_kg=100.0, reps_completed=1, rpe_value=10.0, start_time=logs.START, set_number=2),
    ]
    assert days_of(tied)["base_rpe"].item() is None  # set 5
    assert days_of(tied[::-1])["base_rpe"].item() is None
    assert days_of(tied[:2])["estimation_method"].item() == "measured"


def test_days_without_an_estimate_have_a_row_with_nothing_in_it() -> None:
    (row,) = days_of([logs.a_set(reps_completed=15)]).iter_rows(named=True)
    empty = (
        "estimated_1rm_kg",
        "estimation_method",
        "confidence_score",
        "base_weight_kg",
        "base_reps",
        "base_rpe",
        "sigma",
    )
    assert [row[column] for column in empty] == [None] * len(empty)
    assert row["heaviest_kg"] == 100.0
    assert days_of([logs.a_set(set_type="dropset")]).is_empty()


def test_assisted_reps_are_left_out_of_the_base() -> None:
    (row,) = days_of([logs.a_set(reps_completed=5, assisted_reps=2)]).iter_rows(named=True)
    assert (row["base_reps"], row["estimation_method"], row["volume_kg"]) == (3, "brzycki", 300.0)
    assert row["heaviest_kg"] is None


def test_base_weight_of_a_body_weight_lift_is_the_load() -> None:
    lift = logs.a_lift(load_kind="bodyweight", bodyweight_share=1.0)
    row = days_of([logs.a_set(weight_kg=20.0)], lift, [logs.a_body_weight(FIRST, 80.0)]).row(0, named=True)
    assert (row["base_weight_kg"], row["estimated_1rm_kg"]) == (100.0, 112.5)


@pytest.mark.parametrize(
    ("last", "gap", "effort", "deload"),
    [
        (84.0, 3, {}, True),
        (85.0, 3, {}, False),
        (84.0, 42, {}, True),
        (84.0, 43, {}, False),
        (84.0, 3, {"rpe_value": 9.0}, False),
        (84.0, 3, {"set_type": "amrap"}, False),
        (84.0, 3, {"rpe_value": 8.5}, True),
    ],
)
def test_deload_day(last: float, gap: int, effort: Row, deload: bool) -> None:
    rows = [logs.a_set(0, 0, weight_kg=100.0), logs.a_set(1, gap, weight_kg=last, **effort)]
    assert days_of(rows)["deload"].to_list() == [False, deload]


@pytest.mark.parametrize(
    ("estimates", "jumps"),
    [
        ((100, 101, 102, 130, 131, 129), [3]),
        ((100, 101, 102, 130, 131), []),  # not yet three days
        ((100, 101, 102, 130, 131, 122), []),  # 122 is within 20 % of 102
        ((100, 102, 80.0, 100, 101, 102), []),  # one bad day makes no jump
        ((100, 121, 122, 123), [1]),
        ((130, 131, 132, 100, 101, 102), [3]),
        ((100, 120, 120, 120), []),
        ((100, 130, 130, 130, 160, 160, 160), [1, 4]),
    ],
)
def test_jumps(estimates: tuple[float, ...], jumps: list[int]) -> None:
    found = days_of(singles(*estimates))  # RPE 10: no deload day
    assert found["jump"].arg_true().to_list() == jumps
    assert found["segment"].to_list() == [sum(jump <= n for jump in jumps) for n in range(len(estimates))]
    assert not found.filter("jump").select(pl.any_horizontal("weight_pr", "reps_pr", "volume_pr")).to_series().any()


def test_known_is_the_median_of_three_days_before_without_deloads() -> None:
    rows = [*singles(100.0, 110.0, 104.0, 90.0), logs.a_set(9, 12, weight_kg=50.0, reps_completed=1, rpe_value=8.0)]
    found = days_of([*rows, logs.a_set(10, 15, weight_kg=120.0, reps_completed=1, rpe_value=10.0)])
    assert found["deload"].to_list() == [False, False, False, False, True, False]
    assert found["known_1rm_kg"].to_list() == [None, 100.0, 105.0, 104.0, 104.0, 104.0]


@pytest.mark.parametrize(("after", "known"), [(0, None), (1, 100.0), (84, 100.0), (85, None)])
def test_known_looks_back_84_days(after: int, known: float | None) -> None:
    days = days_of([*singles(100.0), logs.a_set(9, after, weight_kg=90.0, reps_completed=1)])
    assert days["known_1rm_kg"].to_list()[-1] == known


def test_progressions_keep_their_ids_and_values() -> None:
    found = days_of(singles(100.0, 105.0))
    rows = strength.progressions(found)
    user, exercise = UUID(bytes=b"u" * 16), UUID(bytes=b"e" * 16)
    key = (exercise.int >> 64, exercise.int & (1 << 64) - 1)
    expected = ids.id_of("strength_progressions", user=user, day=date(2024, 1, 4), key=key)
    assert rows["id"].to_list()[1] == expected.bytes
    assert rows["estimated_1rm_kg"].to_list() == [100.0, 105.0]
    assert rows["weight_pr"].to_list() == [False, True]


EXACT = (
    "user_id", "exercise_id", "day", "with_body_weight", "estimation_method", "base_weight_kg", "base_reps", "base_rpe",
    "heaviest_kg", "volume_pr", "weight_pr", "reps_pr", "deload", "jump", "segment", "previous_heaviest_kg",
    "previous_heaviest_day", "weight_record_reps", "reps_record_reps", "reps_record_weight_kg",
    "reps_record_previous_reps", "reps_record_previous_day", "previous_volume_day",
)  # fmt: skip
OF_FACTS = ("checked_sets", "doubtful_sets")  # handed through
CLOSE = ("estimated_1rm_kg", "confidence_score", "sigma", "volume_kg", "known_1rm_kg", "previous_volume_kg")


def compare(log: Log) -> pl.DataFrame:
    facts = logs.facts(log).lift_days
    found = strength.lift_days(facts)
    expected = oracle.lift_days(verdicts.judge(*log))
    assert found.height == len(expected)
    assert set(found.columns) == {*EXACT, *CLOSE, *OF_FACTS}
    assert found.select(OF_FACTS).equals(facts.filter("told").select(OF_FACTS))
    for ours, theirs in zip(found.iter_rows(named=True), expected, strict=True):
        assert {column: ours[column] for column in EXACT} == {column: theirs[column] for column in EXACT}
        for column in CLOSE:
            assert ours[column] == (None if theirs[column] is None else pytest.approx(theirs[column], rel=1e-13)), (
                column
            )
    return found


@given(log=logs.ugly_logs())
@examples(15)
def test_oracle_agrees_on_ugly_logs(log: Log) -> None:
    strength.progressions(compare(log))


@given(log=logs.long_logs())
@examples(15)
def test_oracle_agrees_on_long_logs(log: Log) -> None:
    compare(log)


@given(log=logs.ugly_logs(), seed=st.integers(0, 9))
@examples(8)
def test_row_order_and_other_users_change_no_bit(log: Log, seed: int) -> None:
    whole = found(log)
    shuffled = log[0].copy()
    Random(seed).shuffle(shuffled)
    assert found((shuffled, *log[1:])).equals(whole)
    for user in (row["user_id"] for row in log[1]):
        alone = [row for row in log[0] if row["user_id"] == user]
        assert found((alone, *log[1:])).equals(whole.filter(pl.col("user_id") == user))


def test_oracle_agrees_on_the_hevy_log(shared_data: Path) -> None:
    found = compare(logs.hevy(shared_data))
    assert found.height > 1500
    assert found.select(pl.col("volume_pr", "weight_pr", "reps_pr", "deload").any()).row(0) == (True,) * 4


def test_no_segment_holds_days_with_body_weight_in_the_load_and_days_without() -> None:
    lift = logs.a_lift(load_kind="bodyweight", bodyweight_share=1.0)
    single = {"reps_completed": 1, "rpe_value": 10.0}
    typed = [20.0] * 4 + [20.0] * 3 + [60.0] * 3  # body weight is known from the fifth day; 60 added kg are a jump
    rows = [logs.a_set(day, day, weight_kg=kg, **single) for day, kg in enumerate(typed)]
    found = days_of(rows, lift, [logs.a_body_weight(FIRST + timedelta(days=4), 80.0)])
    assert found["segment"].to_list() == [0] * 4 + [1] * 3 + [2] * 3
